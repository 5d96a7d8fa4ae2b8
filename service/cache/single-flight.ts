import { randomBytes } from 'node:crypto';
import { hashedKey } from './hashed-key.ts';
import type { SharedTier } from './shared-tier.ts';

/** Settings of single flights. */
export type SingleFlightOptions = {
  /** Where processes agree who fetches; absent: each process agrees with itself alone. */
  readonly shared?: Pick<SharedTier, 'leases' | 'listen'>;
  /** How long one process may keep the others waiting. */
  readonly leaseMs: number;
  /** Told of each failed call of the leases; the flight goes on without them. */
  readonly onError: (error: unknown) => void;
  /** Between two looks of one who waits, should the message be lost; default 200 milliseconds. */
  readonly pollMs?: number;
  /** Monotonic clock in milliseconds; default performance.now. */
  readonly now?: () => number;
};

/** What is to be had once for all who ask. */
export type Trip<T> = {
  /** Looks whether another process has brought it; asked beside each attempt at the lease. Must not reject. */
  find(): Promise<T | undefined>;
  /**
   * Brings it, and has it kept where `find` finds it before the promise resolves. The signal aborts when nobody waits
   * any more; a deadline of its own is the load's business.
   */
  load(signal: AbortSignal): Promise<T>;
};

/** One's place in a flight. */
export type Seat<T> = {
  /** Whether this call began the flight. */
  readonly leader: boolean;
  /** Rejects as the load does, for all who wait now and nobody later; or with the reason of one's own signal. */
  readonly answer: Promise<T>;
};

type Flight = { readonly answer: Promise<unknown>; readonly abort: AbortController; seats: number };

/**
 * One fetch at a time for one key: in this process by a table of flights, across processes by a lease with an owner
 * token. One who leaves does not end the flight of the others. A leader that dies or is slow delays nobody past its
 * lease; after a failure one other process leads, then the next, never two at once, until two leases are over.
 */
export class SingleFlight {
  readonly #flights = new Map<string, Flight>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #options: SingleFlightOptions & { readonly pollMs: number; readonly now: () => number };

  constructor(options: SingleFlightOptions) {
    this.#options = { pollMs: 200, now: () => performance.now(), ...options };
    options.shared?.listen((message) => {
      if (message.type === 'landed') this.#waiting.get(message.name)?.forEach((wake) => wake());
    });
  }

  /** Keys that are being fetched now. */
  get size(): number {
    return this.#flights.size;
  }

  /** Whether a key is being fetched now by this process. */
  has(key: string): boolean {
    return this.#flights.has(key);
  }

  /** Joins the flight of a key, or begins it. Whoever gives no signal stays to the end. */
  run<T>(key: string, trip: Trip<T>, signal?: AbortSignal): Seat<T> {
    if (signal?.aborted) return { leader: false, answer: Promise.reject(signal.reason as Error) };
    let flight = this.#flights.get(key);
    const leader = flight === undefined;
    flight ??= this.#begin(key, trip);
    return { leader, answer: this.#join(key, flight, signal) as Promise<T> };
  }

  #begin<T>(key: string, trip: Trip<T>): Flight {
    const abort = new AbortController();
    const answer = this.#fly(key, trip, abort.signal).finally(() => this.#forget(key, flight));
    const flight: Flight = { answer, abort, seats: 0 };
    // Everyone may have left before it fails.
    answer.catch(() => undefined);
    this.#flights.set(key, flight);
    return flight;
  }

  #forget(key: string, flight: Flight): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }

  #join(key: string, flight: Flight, signal: AbortSignal | undefined): Promise<unknown> {
    flight.seats++;
    if (!signal) return flight.answer;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        reject(signal.reason as Error);
        if (--flight.seats > 0) return;
        this.#forget(key, flight);
        flight.abort.abort(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      const stay = (): void => signal.removeEventListener('abort', leave);
      flight.answer.finally(stay).then(resolve, reject);
    });
  }

  async #fly<T>(key: string, trip: Trip<T>, signal: AbortSignal): Promise<T> {
    const { shared, leaseMs, onError, pollMs, now } = this.#options;
    if (!shared) return (await trip.find()) ?? trip.load(signal);
    const name = hashedKey(key);
    const owner = randomBytes(12).toString('base64url');
    const patienceEnds = now() + 2 * leaseMs;
    const release = (): void => void shared.leases.release(name, owner).catch(onError);
    const take = (): Promise<number | undefined> =>
      shared.leases.take(name, owner, leaseMs).catch((error: unknown) => {
        onError(error);
        return undefined;
      });
    for (;;) {
      const landing = this.#expectLanding(name);
      try {
        // Together they cost one trip; the lease is asked first, so that whatever its last holder kept is found.
        const [left, found] = await Promise.all([take(), trip.find()]);
        if (left === 0) {
          try {
            signal.throwIfAborted();
            return found ?? (await trip.load(signal));
          } finally {
            release();
          }
        }
        if (found !== undefined) return found;
        signal.throwIfAborted();
        if (left === undefined || now() >= patienceEnds) return await trip.load(signal);
        await landing.within(Math.min(left, pollMs), signal);
      } finally {
        landing.forget();
      }
    }
  }

  /** Listens from now on, so that what lands before one begins to wait is not missed. */
  #expectLanding(name: string): { within(ms: number, signal: AbortSignal): Promise<void>; forget(): void } {
    let landed = false;
    let goOn = (): void => undefined;
    const wake = (): void => {
      landed = true;
      goOn();
    };
    const waiting = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, waiting.add(wake));
    return {
      within: (ms, signal) =>
        new Promise((resolve) => {
          const timer = setTimeout(wake, ms);
          signal.addEventListener('abort', wake, { once: true });
          goOn = () => {
            clearTimeout(timer);
            signal.removeEventListener('abort', wake);
            resolve();
          };
          if (landed || signal.aborted) goOn();
        }),
      forget: () => {
        waiting.delete(wake);
        if (waiting.size === 0) this.#waiting.delete(name);
      },
    };
  }
}
