import type { Breaker } from '../../resilience/index.ts';
import { Problem } from '../problem.ts';

/** Whether undici would not send it: nothing is wrong with the upstream then. */
export function isRefusal(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED';
}

/** Whether connecting took too long; all other times are measured by the call itself. */
export function isTimeout(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === 'UND_ERR_CONNECT_TIMEOUT';
}

/** No answer came in time. */
export function tooLate(cause?: unknown): Problem {
  return new Problem('deadline-exceeded', { detail: 'The upstream did not answer in time.', cause });
}

/** No answer can come. */
export function broken(cause: unknown): Problem {
  return new Problem('upstream-failed', { detail: 'The upstream cannot be reached or broke off.', cause });
}

/** The breaker lets nothing through. */
export function leftAlone({ retryAfterMs }: Breaker): Problem {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  return new Problem('upstream-unavailable', {
    detail: `The upstream failed and is asked again in ${seconds} s at the earliest.`,
    headers: ['retry-after', String(seconds)],
  });
}

/** What was asked for cannot be sent. */
export function unsendable(cause: unknown): Problem {
  return new Problem('malformed-request', { detail: 'The request cannot be passed on.', cause });
}
