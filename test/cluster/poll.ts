import { setTimeout as wait } from 'node:timers/promises';

// Each attempt starts a kubectl, so that a shorter pause would take the processor from what is waited for.
const PAUSE_MS = 500;

/** Tries until it succeeds, or throws its last error after the deadline in milliseconds. */
export async function poll<T>(deadlineMs: number, attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await wait(PAUSE_MS);
    }
  }
}
