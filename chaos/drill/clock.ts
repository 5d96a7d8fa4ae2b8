import { setTimeout as wait } from 'node:timers/promises';

/** Where a drill has its time from, so that tests need none. */
export type Clock = {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so many milliseconds, or as soon as the signal is aborted. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
};

/** The machine's own. */
export const SYSTEM_CLOCK: Clock = {
  now: Date.now,
  async wait(milliseconds, signal) {
    try {
      await wait(milliseconds, undefined, signal && { signal });
    } catch (error) {
      if (signal?.aborted !== true) throw error;
    }
  },
};
