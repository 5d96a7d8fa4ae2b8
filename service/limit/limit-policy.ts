import { parseRate, toMilliseconds, type Limit } from '../definition/index.ts';
import { fixedLimit, tunableLimit, type TunableLimit } from './current-limit.ts';
import type { CurrentLimit, LimitPolicy } from './policy.ts';
import { scheduledLimit } from './schedule.ts';

/** What all limits may say beside their numbers; defaults: each caller's own, in force, `local`. */
export type PolicyOptions = Partial<Pick<LimitPolicy, 'holder' | 'scope' | 'shadow' | 'whenStoreDown'>>;

/** Settings of a window. */
export type WindowOptions = PolicyOptions & {
  /** Windows up to this count keep a log, larger ones two counters; default 100. */
  readonly logUpTo?: number;
  /** The count where it moves; `limit` is then the largest that it can be. */
  readonly count?: CurrentLimit;
};

/** Settings that turn limits of the definition into policies. */
export type LimitPolicyOptions = {
  readonly scope: LimitPolicy['scope'];
  /** Windows up to this count keep a log (`limits.logUpTo`). */
  readonly logUpTo: number;
  /** Wall clock in milliseconds, for schedules; default Date.now. */
  readonly wallClock?: () => number;
  /** Told of each limit that may be moved (`adaptive` in the definition). */
  readonly onTunable?: (limit: TunableLimit) => void;
};

const DEFAULTS = { scope: 'caller', shadow: false, whenStoreDown: 'local' } as const;

/** At most `limit` requests in any window of `windowMs`: a log or two counters (see LimitKind). */
export function windowPolicy(name: string, limit: number, windowMs: number, options: WindowOptions = {}): LimitPolicy {
  const { logUpTo = 100, count = fixedLimit(limit), ...rest } = options;
  return {
    ...DEFAULTS,
    ...rest,
    name,
    kind: limit <= logUpTo ? 'log' : 'counter',
    count,
    spanUs: Math.round(windowMs * 1000),
  };
}

/**
 * At once as many as the bucket holds, then `refill` in each `refillMs`. The time for one token is rounded up to whole
 * microseconds, so that a rate that does not divide a second comes out lower, never higher.
 */
export function bucketPolicy(
  name: string,
  capacity: number,
  refill: number,
  refillMs: number,
  options: PolicyOptions = {},
): LimitPolicy {
  const spanUs = Math.ceil((refillMs * 1000) / refill);
  return { ...DEFAULTS, ...options, name, kind: 'bucket', count: fixedLimit(capacity), spanUs };
}

/** At most `limit` requests in flight at once. */
export function concurrencyPolicy(name: string, limit: number, options: PolicyOptions = {}): LimitPolicy {
  return { ...DEFAULTS, ...options, name, kind: 'concurrency', count: fixedLimit(limit), spanUs: 0 };
}

/** Settings of a limit of amounts. */
export type AmountOptions = PolicyOptions & {
  /** After which a reservation that nobody settled lapses, in milliseconds: longer than any request takes. */
  readonly lapseMs: number;
};

/** At most `limit` in any window of `windowMs`: amounts that are reserved first and settled when they are known. */
export function sumPolicy(
  name: string,
  limit: number,
  windowMs: number,
  { lapseMs, ...options }: AmountOptions,
): LimitPolicy {
  const spanUs = Math.round(windowMs * 1000);
  return { ...DEFAULTS, ...options, name, kind: 'sum', count: fixedLimit(limit), spanUs, lapseUs: lapseMs * 1000 };
}

/** At most `limit` in any calendar month (UTC), reserved and settled alike. */
export function monthPolicy(name: string, limit: number, { lapseMs, ...options }: AmountOptions): LimitPolicy {
  return { ...DEFAULTS, ...options, name, kind: 'month', count: fixedLimit(limit), spanUs: 0, lapseUs: lapseMs * 1000 };
}

/** A limit of the definition as a policy. */
export function limitPolicy(name: string, limit: Limit, options: LimitPolicyOptions): LimitPolicy {
  const { scope, logUpTo } = options;
  const { shadow, whenStoreDown, bucket, window } = limit;
  const common = { scope, shadow, whenStoreDown };
  if (bucket) {
    const { limit: refill, window: refillTime } = parseRate(bucket.refill);
    return bucketPolicy(name, bucket.capacity, refill, toMilliseconds(refillTime), common);
  }
  // The definition is validated: what has no bucket has a window.
  const { limit: declared, window: length } = parseRate(window ?? '1/s');
  const counts = [declared, ...limit.schedule.map((row) => parseRate(row.window).limit)];
  if (limit.adaptive) counts.push(parseRate(limit.adaptive.max).limit);
  const count = currentLimit(limit, declared, options);
  return windowPolicy(name, Math.max(...counts), toMilliseconds(length), { ...common, logUpTo, count });
}

function currentLimit(limit: Limit, otherwise: number, { wallClock, onTunable }: LimitPolicyOptions): CurrentLimit {
  const { schedule, timeZone, adaptive } = limit;
  const now = wallClock === undefined ? {} : { now: wallClock };
  const declared =
    schedule.length === 0 ? fixedLimit(otherwise) : scheduledLimit({ otherwise, schedule, timeZone, ...now });
  if (!adaptive) return declared;
  const tunable = tunableLimit({
    declared,
    min: parseRate(adaptive.min).limit,
    max: parseRate(adaptive.max).limit,
  });
  onTunable?.(tunable);
  return tunable;
}
