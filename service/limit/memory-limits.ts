import type { LimitCheck, LimitStore, LimitVerdict } from './policy.ts';

/** Settings of a limit store in this process. */
export type MemoryLimitOptions = {
  /** Callers tracked at once; the least recently seen is forgotten first. */
  readonly trackedCallers: number;
  /** Monotonic clock in milliseconds; default performance.now. */
  readonly now?: () => number;
};

/**
 * A sliding window log in this process: it admits at most `limit` requests in any window, exactly.
 * Each log is a ring of the times of the last `limit` admitted requests.
 */
export function createMemoryLimits({ trackedCallers, now = () => performance.now() }: MemoryLimitOptions): LimitStore {
  const logs = new Map<string, SlidingLog>();
  const touch = ({ key, policy }: LimitCheck): SlidingLog => {
    const id = `${policy.name} ${key}`;
    const known = logs.get(id);
    if (known) logs.delete(id);
    const log = known ?? new SlidingLog(policy.limit, policy.windowMs);
    logs.set(id, log);
    if (logs.size > trackedCallers) {
      for (const oldest of logs.keys()) {
        logs.delete(oldest);
        break;
      }
    }
    return log;
  };
  return {
    take(checks): LimitVerdict {
      const time = now();
      const touched = checks.map(touch);
      let allowed = true;
      for (const log of touched) allowed = log.hasRoom(time) && allowed;
      if (allowed) for (const log of touched) log.add(time);
      return {
        allowed,
        remaining: touched.map((log) => log.remaining),
        resetMs: touched.map((log) => log.resetMs(time)),
      };
    },
  };
}

/** The times of the admitted requests of one caller that are still in the window, in a ring that grows when needed. */
class SlidingLog {
  readonly #limit: number;
  readonly #windowMs: number;
  #times: Float64Array;
  #first = 0;
  #size = 0;

  constructor(limit: number, windowMs: number) {
    this.#limit = limit;
    this.#windowMs = windowMs;
    this.#times = new Float64Array(Math.min(limit, 16));
  }

  get remaining(): number {
    return this.#limit - this.#size;
  }

  /** Drops what has left the window, and tells whether one more request fits. */
  hasRoom(time: number): boolean {
    while (this.#size > 0 && (this.#times[this.#first] ?? 0) <= time - this.#windowMs) {
      this.#first = (this.#first + 1) % this.#times.length;
      this.#size--;
    }
    return this.#size < this.#limit;
  }

  add(time: number): void {
    if (this.#size === this.#times.length) this.#grow();
    this.#times[(this.#first + this.#size) % this.#times.length] = time;
    this.#size++;
  }

  resetMs(time: number): number {
    return this.#size === 0 ? 0 : (this.#times[this.#first] ?? 0) + this.#windowMs - time;
  }

  #grow(): void {
    const larger = new Float64Array(Math.min(this.#limit, this.#times.length * 4));
    for (let index = 0; index < this.#size; index++) {
      larger[index] = this.#times[(this.#first + index) % this.#times.length] ?? 0;
    }
    this.#times = larger;
    this.#first = 0;
  }
}
