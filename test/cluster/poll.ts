import { eventually } from '../support/eventually.ts';

// Each attempt starts a kubectl, so that a shorter pause would take the processor from what is waited for.
const PAUSE_MS = 500;

/** Tries until it succeeds, or throws its last error after the deadline in milliseconds. */
export function poll<T>(deadlineMs: number, attempt: () => Promise<T>): Promise<T> {
  return eventually(attempt, deadlineMs, PAUSE_MS);
}
