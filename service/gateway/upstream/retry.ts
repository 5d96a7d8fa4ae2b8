/** Answers after which an idempotent request may be sent again. */
const RETRIED_STATUSES: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/** What the decision about another attempt follows from; times in milliseconds. */
export type RetryQuestion = {
  /** Status of the answer; undefined when there was none. */
  readonly status: number | undefined;
  /** The answer's Retry-After, as it came. */
  readonly retryAfter: string | undefined;
  /** What is left of the request's time. */
  readonly leftMs: number;
  /** The longest wait of our own accord. */
  readonly backoffMs: number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Wall clock, for a Retry-After that names a date. */
  readonly now: () => number;
};

/**
 * How long to wait before the next attempt; undefined when the answer is to be passed on. Full jitter (Brooker, AWS
 * Architecture Blog, 2015), on top of what the upstream asks for with 429 or 503 and Retry-After, where both fit into
 * the time that is left.
 */
export function retryWaitMs({ status, retryAfter, leftMs, backoffMs, random, now }: RetryQuestion): number | undefined {
  const asked = status === 429 || status === 503 ? parseRetryAfter(retryAfter, now()) : undefined;
  const retried = status === undefined || RETRIED_STATUSES.has(status) || asked !== undefined;
  if (!retried) return undefined;
  const waitMs = (asked ?? 0) + random() * backoffMs;
  return waitMs < leftMs ? waitMs : undefined;
}

/** Milliseconds that a Retry-After asks for, in seconds or as a date (RFC 9110, section 10.2.3); undefined for neither. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  // Date.parse alone would take a negative number for a year.
  const date = /^[A-Z][a-z]+, .* GMT$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
