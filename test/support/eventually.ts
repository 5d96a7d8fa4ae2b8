import { setTimeout as wait } from 'node:timers/promises';

/** Tries until it succeeds, or throws its last error after the deadline; both times in milliseconds. */
export async function eventually<T>(attempt: () => T | Promise<T>, deadlineMs = 15_000, pauseMs = 20): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await wait(pauseMs);
    }
  }
}
