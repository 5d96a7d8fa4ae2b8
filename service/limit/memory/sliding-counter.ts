import type { LimitCell } from './cell.ts';

/**
 * Two counters, of the current window of a fixed grid and of the one before: what is used is the previous count times
 * the share of it that is still in the sliding window, and the current count. One more is admitted if the sum with it
 * is at most the limit. Bound: as at most the limit is admitted in each window of the grid, and at most the limit less
 * one while all of a full previous window still counts a little, at most 2 × limit − 1 in any window.
 * All numbers are whole: the sums are kept in requests × microseconds.
 */
export class SlidingCounter implements LimitCell {
  left = 0;
  readonly #spanUs: number;
  #window = 0;
  #previous = 0;
  #current = 0;
  #elapsedUs = 0;
  #limit = 0;

  constructor(spanUs: number) {
    this.#spanUs = spanUs;
  }

  look(timeUs: number, limit: number): number {
    const span = this.#spanUs;
    const window = Math.floor(timeUs / span);
    if (window !== this.#window) {
      this.#previous = window === this.#window + 1 ? this.#current : 0;
      this.#current = 0;
      this.#window = window;
    }
    this.#elapsedUs = timeUs - window * span;
    this.#limit = limit;
    const used = this.#previous * (span - this.#elapsedUs) + this.#current * span;
    return (this.left = Math.max(0, Math.floor((limit * span - used) / span)));
  }

  take(): void {
    this.#current++;
    this.left--;
  }

  resetUs(): number {
    const [span, previous, current] = [this.#spanUs, this.#previous, this.#current];
    if (previous === 0 && current === 0) return 0;
    const target = this.#limit - this.left - 1;
    // In this window the share of the previous one shrinks; if that is not enough, this one becomes the previous.
    if (current <= target) return Math.ceil(span - ((target - current) * span) / previous) - this.#elapsedUs;
    return Math.ceil(2 * span - (target * span) / current) - this.#elapsedUs;
  }
}
