import { SlidingCounts } from './internal/sliding-counts.ts';

const REQUESTS = 0;
const RETRIES = 1;

/** How much may be tried again. */
export type RetryBudgetOptions = {
  /** Retries as a share of the requests in the window, 0.1 for one retry in ten requests. */
  readonly ratio: number;
  /** Time in milliseconds that the share is of; default 10 000. */
  readonly windowMs?: number;
  /** Retries a second that are allowed beside the share, so that little traffic may try again at all; default 1. */
  readonly minimumPerSecond?: number;
  /** Monotonic clock in milliseconds; default performance.now. */
  readonly now?: () => number;
};

/** Keeps retries from multiplying the load on something that already fails. */
export type RetryBudget = {
  /** Tells of a request's first attempt. */
  onRequest(): void;
  /** Whether one more attempt may be made; one that may is counted as made. */
  tryRetry(): boolean;
};

/**
 * A budget of retries: at most `ratio` of the requests plus `minimumPerSecond`, over a sliding window of ten buckets.
 * A client that fails altogether so sends at most 1 + `ratio` times its requests, whatever its number of attempts
 * (the retry budget of Finagle).
 */
export function createRetryBudget({
  ratio,
  windowMs = 10_000,
  minimumPerSecond = 1,
  now = () => performance.now(),
}: RetryBudgetOptions): RetryBudget {
  const counts = new SlidingCounts(windowMs, 2);
  const minimum = (minimumPerSecond * windowMs) / 1000;
  return {
    onRequest() {
      counts.add(REQUESTS, now());
    },
    tryRetry() {
      const time = now();
      const budget = minimum + ratio * counts.sum(REQUESTS, time);
      if (counts.sum(RETRIES, time) + 1 > budget) return false;
      counts.add(RETRIES, time);
      return true;
    },
  };
}
