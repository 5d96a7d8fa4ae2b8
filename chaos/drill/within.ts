import type { Clock } from './clock.ts';

/** How long any question to a stand may take. */
export const ANSWER_LIMIT_MS = 5_000;

/** What a promise resolves to; rejects when that takes longer than so many milliseconds, or the signal is aborted. */
export async function within<T>(
  clock: Clock,
  milliseconds: number,
  promise: Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const answered = new AbortController();
  const either = signal ? AbortSignal.any([answered.signal, signal]) : answered.signal;
  const late = clock.wait(milliseconds, either).then((): never => {
    throw new Error(signal?.aborted === true ? 'broken off' : `no answer within ${milliseconds / 1000} s`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    // The wait ends here too, as a rejection that nobody waits for any more.
    late.catch(() => undefined);
    answered.abort();
  }
}

/** The words of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
