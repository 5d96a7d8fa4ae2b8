import type { LimitCell } from './cell.ts';

/**
 * A token bucket as GCRA (ITU-T I.371, virtual scheduling): all it remembers is the time at which it would be full.
 * Admits at most capacity + time / time per token, in any time. Whole microseconds.
 */
export class TokenBucket implements LimitCell {
  left = 0;
  /** Time per token. */
  readonly #spanUs: number;
  #fullAtUs = 0;
  #timeUs = 0;
  #capacity = 0;

  constructor(spanUs: number) {
    this.#spanUs = spanUs;
  }

  look(timeUs: number, capacity: number): number {
    const emptyUs = capacity * this.#spanUs;
    // A capacity that fell makes an empty bucket, not a debt.
    this.#fullAtUs = Math.min(Math.max(this.#fullAtUs, timeUs), timeUs + emptyUs);
    this.#timeUs = timeUs;
    this.#capacity = capacity;
    return (this.left = Math.floor((emptyUs - (this.#fullAtUs - timeUs)) / this.#spanUs));
  }

  take(): void {
    this.#fullAtUs += this.#spanUs;
    this.left--;
  }

  resetUs(): number {
    const used = this.#fullAtUs - this.#timeUs;
    return used === 0 ? 0 : used - (this.#capacity - this.left - 1) * this.#spanUs;
  }
}
