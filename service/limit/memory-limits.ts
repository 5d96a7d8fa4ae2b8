import { BoundedMap } from '../store/bounded-map.ts';
import type { LimitCheck, LimitStore, LimitVerdict } from './policy.ts';

/** Settings of a limit store in this process. */
export type MemoryLimitOptions = {
  /** Callers tracked at once for each policy; who was seen longest ago is forgotten first. */
  readonly trackedCallers: number;
  /** Monotonic clock in milliseconds; default performance.now. */
  readonly now?: () => number;
};

/**
 * A sliding window log in this process: it admits at most `limit` requests in any window, exactly.
 * Each log is a ring of the times of the last `limit` admitted requests.
 */
export function createMemoryLimits({ trackedCallers, now = () => performance.now() }: MemoryLimitOptions): LimitStore {
  // A table for each policy: joining its name to the caller's would cost more than the look-up.
  const tables = new Map<string, BoundedMap<SlidingLog>>();
  const find = ({ key, policy }: LimitCheck): SlidingLog => {
    let table = tables.get(policy.name);
    if (!table) tables.set(policy.name, (table = new BoundedMap<SlidingLog>(trackedCallers)));
    let log = table.get(key);
    if (!log) table.set(key, (log = new SlidingLog(policy.limit, policy.windowMs)), 1);
    return log;
  };
  return {
    take(checks): LimitVerdict {
      const time = now();
      const logs = checks.map(find);
      let allowed = true;
      for (const log of logs) allowed = log.hasRoom(time) && allowed;
      const remaining: number[] = [];
      const resetMs: number[] = [];
      for (const log of logs) {
        if (allowed) log.add(time);
        remaining.push(log.remaining);
        resetMs.push(log.resetMs(time));
      }
      return { allowed, remaining, resetMs };
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
    // In this order: the sum of two large times, rounded, could be more than the window.
    return this.#size === 0 ? 0 : this.#windowMs - (time - (this.#times[this.#first] ?? 0));
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
