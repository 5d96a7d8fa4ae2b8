/** What decides whether a trace is kept. */
export type SamplingOptions = {
  /** Share of requests whose trace is kept whatever becomes of them, from 0 to 1. */
  readonly share: number;
  /** Milliseconds until an answer's first byte from which on the request counts as slow. */
  readonly slowMs: number;
  /** Traces in one second that are kept because their callers say so. */
  readonly askedPerSecond: number;
  /** Traces in one second that are kept at all. */
  readonly keptPerSecond: number;
  /** From 0 to 1; default Math.random. */
  readonly random?: () => number;
};

/** How a request ended, as far as it matters here. */
export type TraceEnd = {
  readonly status: number;
  /** Whether an answer that had begun broke off. */
  readonly brokeOff: boolean;
  /** Milliseconds until the first byte of the answer. */
  readonly waitedMs: number;
};

/**
 * Which traces are kept: a share of all, decided when a request comes, so that the upstream can be told; and each that
 * failed or was slow, decided when it ends. A caller who records a trace (the flag of its traceparent) has it recorded
 * here too, but no more than so many in a second, since anybody can send the flag; beyond that it is one of the share.
 * Times are of a monotonic clock, in milliseconds.
 */
export class Sampling {
  readonly #options: SamplingOptions;
  readonly #random: () => number;
  readonly #asked: PerSecond;
  readonly #kept: PerSecond;

  constructor(options: SamplingOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#asked = new PerSecond(options.askedPerSecond);
    this.#kept = new PerSecond(options.keptPerSecond);
  }

  /** Whether the trace of a request that comes now is certain to be kept; `asked`: its caller records it. */
  begins(asked: boolean, time: number): boolean {
    if (asked && this.#asked.admits(time)) return true;
    return this.#random() < this.#options.share;
  }

  /** Whether the trace of a request that ended so is worth keeping. */
  isNotable({ status, brokeOff, waitedMs }: TraceEnd): boolean {
    return status >= 500 || brokeOff || waitedMs >= this.#options.slowMs;
  }

  /** Whether one more trace may be kept in this second: an outage must not become a flood of spans. */
  hasRoom(time: number): boolean {
    return this.#kept.admits(time);
  }
}

/** Admits so many in each second. */
class PerSecond {
  readonly #most: number;
  #second = -1;
  #admitted = 0;

  constructor(most: number) {
    this.#most = most;
  }

  admits(time: number): boolean {
    const second = Math.floor(time / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#admitted = 0;
    }
    if (this.#admitted >= this.#most) return false;
    this.#admitted++;
    return true;
  }
}
