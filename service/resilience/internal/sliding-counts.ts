const BUCKETS = 10;

/**
 * How often things happened in the last `windowMs`, in ten buckets of time: fixed memory, and a sum covers between
 * nine tenths of the window and all of it.
 */
export class SlidingCounts {
  readonly #columns: number;
  readonly #bucketMs: number;
  readonly #counts: Float64Array;
  readonly #sums: Float64Array;
  #bucket = Number.NEGATIVE_INFINITY;

  /** `columns` is the number of things that are counted apart, numbered from 0. */
  constructor(windowMs: number, columns: number) {
    this.#columns = columns;
    this.#bucketMs = windowMs / BUCKETS;
    this.#counts = new Float64Array(BUCKETS * columns);
    this.#sums = new Float64Array(columns);
  }

  /** Counts one more in a column. */
  add(column: number, time: number): void {
    this.#advance(time);
    const index = this.#first(this.#bucket) + column;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sums[column] = (this.#sums[column] ?? 0) + 1;
  }

  /** What a column counted in the window that ends at `time`, in milliseconds of a clock that never runs back. */
  sum(column: number, time: number): number {
    this.#advance(time);
    return this.#sums[column] ?? 0;
  }

  /** Forgets everything. */
  clear(): void {
    this.#counts.fill(0);
    this.#sums.fill(0);
  }

  #advance(time: number): void {
    const bucket = Math.floor(time / this.#bucketMs);
    const passed = Math.min(BUCKETS, bucket - this.#bucket);
    if (passed <= 0) return;
    for (let step = 0; step < passed; step++) {
      const first = this.#first(bucket - step);
      for (let column = 0; column < this.#columns; column++) {
        this.#sums[column] = (this.#sums[column] ?? 0) - (this.#counts[first + column] ?? 0);
        this.#counts[first + column] = 0;
      }
    }
    this.#bucket = bucket;
  }

  #first(bucket: number): number {
    return (((bucket % BUCKETS) + BUCKETS) % BUCKETS) * this.#columns;
  }
}
