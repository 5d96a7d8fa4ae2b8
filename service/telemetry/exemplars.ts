/** One observation whose trace was kept, as an example of its bucket. */
export type Exemplar = {
  /** Cell of the bucket that counted it. */
  readonly cell: number;
  readonly value: number;
  readonly traceId: string;
  /** When, in seconds since 1970. */
  readonly at: number;
};

/** The last exemplar of each bucket since they were taken: as many as there are buckets, at most. */
export class Exemplars {
  #kept = new Map<number, Exemplar>();

  /** Keeps one in place of an older of the same bucket. */
  keep(exemplar: Exemplar): void {
    this.#kept.set(exemplar.cell, exemplar);
  }

  /** All of them; from then on there are none. */
  take(): readonly Exemplar[] {
    if (this.#kept.size === 0) return NONE;
    const taken = [...this.#kept.values()];
    this.#kept = new Map();
    return taken;
  }
}

const NONE: readonly Exemplar[] = Object.freeze([]);
