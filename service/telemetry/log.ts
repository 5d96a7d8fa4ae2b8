import { pino, type Logger } from 'pino';

/** A logger of JSON lines on standard output. */
export type Log = Logger;

/** Settings of a program's log. */
export type LogOptions = {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Fields of every line, such as the process's role. */
  readonly base: Readonly<Record<string, string | number>>;
  /** Where lines go; default standard output. */
  readonly destination?: { write(line: string): void };
};

/** Lines with an ISO time and the level in words. Writing never waits for the reader. */
export function createLog({ level, base, destination }: LogOptions): Log {
  return pino(
    {
      level,
      base: { ...base },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (name) => ({ level: name }) },
      redact: { paths: ['authorization', 'password', '*.authorization', '*.password'], censor: '[redacted]' },
    },
    destination ?? pino.destination({ dest: 1, sync: false }),
  );
}

/** Successful answers that are logged in one second; the rest is counted. */
const LINES_PER_SECOND = 50;

/**
 * Decides which answers get a line: every failure, and the first successes of each second, so that a flood of traffic
 * is not also a flood of lines. What was left out is told in one line.
 */
export class AccessSampling {
  #second = -1;
  #logged = 0;
  #omitted = 0;
  readonly #tell: (omitted: number) => void;

  /** `tell` is called once a second with how many lines were left out. */
  constructor(tell: (omitted: number) => void) {
    this.#tell = tell;
  }

  /** Whether the answer with this status gets a line; `time` in milliseconds of a monotonic clock. */
  admits(status: number, time: number): boolean {
    const second = Math.floor(time / 1000);
    if (second !== this.#second) {
      if (this.#omitted > 0) this.#tell(this.#omitted);
      this.#second = second;
      this.#logged = 0;
      this.#omitted = 0;
    }
    if (status >= 500) return true;
    if (this.#logged < LINES_PER_SECOND) {
      this.#logged++;
      return true;
    }
    this.#omitted++;
    return false;
  }
}
