import { Problem } from '../gateway/problem.ts';
import type { Relay } from '../gateway/relay.ts';

/**
 * Waits until the first bytes of a body have come, which stay in it for whoever takes them. Rejects with the Problem
 * `deadline-exceeded` when they take too long, `upstream-failed` when it breaks off before or has none, or with the
 * signal's reason; the body is given up then.
 */
export function firstBytes(body: Relay, timeoutMs: number, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const finish = (end: () => void): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', leave);
      end();
    };
    const fail = (why: () => Error): void =>
      finish(() => {
        const error = why();
        body.cancel(error);
        reject(error);
      });
    const leave = (): void => fail(() => signal.reason as Error);
    const late = (): void =>
      fail(() => new Problem('deadline-exceeded', { detail: 'The provider began no answer in time.' }));
    const broken = (cause?: Error): void =>
      fail(() => new Problem('upstream-failed', { detail: 'The provider broke off before it answered.', cause }));
    const timer = setTimeout(late, timeoutMs);
    if (signal.aborted) {
      leave();
      return;
    }
    signal.addEventListener('abort', leave, { once: true });
    body.tap({
      write: (chunk) => finish(() => resolve(chunk)),
      end: () => broken(),
      fail: broken,
    });
  });
}
