/** How many requests a lane works on at once: fixed, or following what it sees. */
export type ConcurrencyLimit = {
  /** The limit now, a whole number of at least 1. */
  readonly current: number;
  /**
   * Tells of one that is over. `durationMs` is its time (to the first byte for a stream); `inFlight` how many were at
   * work when it began; `dropped` that it timed out or was refused by what it called.
   */
  observe(durationMs: number, inFlight: number, dropped: boolean): void;
};

/** A limit that stays. */
export function fixedConcurrency(limit: number): ConcurrencyLimit {
  return { current: limit, observe: () => undefined };
}
