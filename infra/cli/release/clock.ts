import { setTimeout as wait } from 'node:timers/promises';

/** The time, and the passing of it. */
export type Clock = {
  /** In milliseconds since 1970. */
  readonly now: () => number;
  /** Ends after so many milliseconds, or rejects when somebody breaks off. */
  readonly pause: (milliseconds: number, broken?: AbortSignal) => Promise<void>;
};

/** The clock of this machine. */
export const CLOCK: Clock = {
  now: () => Date.now(),
  pause: (milliseconds, signal) => wait(milliseconds, undefined, signal && { signal }),
};
