import type { Desk } from './desk.ts';

/** Somebody broke off; the message says what that leaves behind. */
export class AbortedError extends Error {
  override readonly name = 'AbortedError';
}

/**
 * What some work gives, unless somebody breaks off first; then it rejects with an AbortedError of this message. For work
 * that changes nothing: it is left to itself.
 */
export function unlessBroken<T>({ broken }: Desk, message: string, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const breakOff = (): void => reject(new AbortedError(message));
    if (broken.aborted) {
      breakOff();
      return;
    }
    broken.addEventListener('abort', breakOff, { once: true });
    work()
      .finally(() => broken.removeEventListener('abort', breakOff))
      .then(resolve, reject);
  });
}

/** What is said where nothing was changed yet. */
export const NOTHING_CHANGED = 'broken off; nothing was changed';
