import { parseRate, toMilliseconds, type Rate } from '../definition/index.ts';

/** One limit: so many requests in any window of this length. */
export type LimitPolicy = {
  /** Name in the RateLimit fields. */
  readonly name: string;
  readonly limit: number;
  readonly windowMs: number;
};

/** One limit that a request is held against. */
export type LimitCheck = {
  /** Whose requests are counted. */
  readonly key: string;
  readonly policy: LimitPolicy;
};

/** What the limits say of one request. */
export type LimitVerdict = {
  /** True: every limit had room and each was charged one; false: none was charged. */
  readonly allowed: boolean;
  /** For each check, in order: requests that are left in the window. */
  readonly remaining: readonly number[];
  /** For each check, in order: milliseconds until a request leaves the window (0 when none is in it). */
  readonly resetMs: readonly number[];
};

/** Counts requests. Implementations share one test suite. */
export type LimitStore = {
  /** Checks every limit and charges all or none, in one step. A promise where the count is kept elsewhere. */
  take(checks: readonly LimitCheck[]): LimitVerdict | Promise<LimitVerdict>;
};

/** A policy from a rate of the definition. */
export function limitPolicy(name: string, rate: Rate): LimitPolicy {
  const { limit, window } = parseRate(rate);
  return { name, limit, windowMs: toMilliseconds(window) };
}

/** Milliseconds that a denied caller must wait: until the last of the limits that are used up has room again. */
export function retryAfterMs({ remaining, resetMs }: LimitVerdict): number {
  return Math.max(0, ...resetMs.filter((_, index) => remaining[index] === 0));
}
