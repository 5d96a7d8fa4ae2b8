/** Settings of the sampling. */
export type AccessSamplingOptions = {
  /** Successful answers that get a line in one second; default 50. */
  readonly linesPerSecond?: number;
  /** Called once a second with how many lines were left out. */
  readonly tell: (omitted: number) => void;
};

/**
 * Decides which answers get a line: every failure, and the first successes of each second, so that a flood of traffic
 * is not also a flood of lines. What was left out is told in one line.
 */
export class AccessSampling {
  #second = -1;
  #logged = 0;
  #omitted = 0;
  readonly #linesPerSecond: number;
  readonly #tell: (omitted: number) => void;

  constructor({ linesPerSecond = 50, tell }: AccessSamplingOptions) {
    this.#linesPerSecond = linesPerSecond;
    this.#tell = tell;
  }

  /** Whether an answer gets a line; a failure always does. `time` in milliseconds of a monotonic clock. */
  admits(isFailure: boolean, time: number): boolean {
    const second = Math.floor(time / 1000);
    if (second !== this.#second) {
      if (this.#omitted > 0) this.#tell(this.#omitted);
      this.#second = second;
      this.#logged = 0;
      this.#omitted = 0;
    }
    if (isFailure) return true;
    if (this.#logged < this.#linesPerSecond) {
      this.#logged++;
      return true;
    }
    this.#omitted++;
    return false;
  }
}
