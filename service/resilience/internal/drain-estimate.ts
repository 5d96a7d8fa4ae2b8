/** Weight of the newest in the average time at work. */
const WEIGHT = 0.1;
/** The longest wait in seconds that is told before the random part. */
const LONGEST = 15;

/** How fast a number of places that are all taken becomes free, from how long the last ones were held. */
export class DrainEstimate {
  #averageMs: number | undefined;
  #progressAt = 0;

  /** Tells that the first place was taken after none was: no progress was to be expected before. */
  begin(time: number): void {
    this.#progressAt = time;
  }

  /** Tells that a place became free after it was held for so long; times in milliseconds. */
  ended(time: number, heldMs: number): void {
    const average = this.#averageMs ?? heldMs;
    this.#averageMs = average + WEIGHT * (heldMs - average);
    this.#progressAt = time;
  }

  /**
   * Whole seconds after which somebody with `ahead` others before him may find one of `places` free: at least 1, at
   * most 30, and random between the estimate and twice of it, so that those who are refused together come back apart.
   * While nothing becomes free, the estimate grows.
   */
  retryAfterSeconds(ahead: number, places: number, time: number, random: () => number): number {
    const perPlaceMs = Math.max((this.#averageMs ?? 0) / places, time - this.#progressAt);
    const seconds = Math.min(LONGEST, Math.max(1, Math.ceil(((ahead + 1) * perPlaceMs) / 1000)));
    return Math.min(2 * LONGEST, Math.floor(seconds + random() * (seconds + 1)));
  }
}
