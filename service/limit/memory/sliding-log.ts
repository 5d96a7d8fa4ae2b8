import type { LimitCell } from './cell.ts';

const FIRST_SIZE = 4;

/**
 * The times of the admitted requests that are still in the window, in a ring that grows when needed. Never admits more
 * than the limit in any window. A limit that falls lets what is in the window go out of it; one that rises has room.
 */
export class SlidingLog implements LimitCell {
  left = 0;
  readonly #spanUs: number;
  /** Not a typed array: making one costs more than all else that a new caller costs. */
  #times = new Array<number>(FIRST_SIZE).fill(0);
  #first = 0;
  #size = 0;
  #timeUs = 0;
  #limit = 0;

  constructor(spanUs: number) {
    this.#spanUs = spanUs;
  }

  look(timeUs: number, limit: number): number {
    const gone = timeUs - this.#spanUs;
    while (this.#size > 0 && this.#at(0) <= gone) {
      this.#first = (this.#first + 1) % this.#times.length;
      this.#size--;
    }
    this.#timeUs = timeUs;
    this.#limit = limit;
    return (this.left = Math.max(0, limit - this.#size));
  }

  take(): void {
    if (this.#size === this.#times.length) this.#grow();
    this.#times[(this.#first + this.#size) % this.#times.length] = this.#timeUs;
    this.#size++;
    this.left--;
  }

  resetUs(): number {
    if (this.#size === 0) return 0;
    // Above a limit that fell, more than the oldest have to leave.
    const place = Math.max(0, this.#size - this.#limit);
    return this.#at(place) + this.#spanUs - this.#timeUs;
  }

  #at(place: number): number {
    return this.#times[(this.#first + place) % this.#times.length] ?? 0;
  }

  #grow(): void {
    const larger = new Array<number>(this.#times.length * 2).fill(0);
    for (let place = 0; place < this.#size; place++) larger[place] = this.#at(place);
    this.#times = larger;
    this.#first = 0;
  }
}
