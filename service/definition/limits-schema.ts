import { z } from 'zod';
import { count, duration, label, rate, text, word } from './fields.ts';

const clock = text<`${number}:${number}`>(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day, such as '09:00'");
const timeZone = z.custom<string>((value) => typeof value === 'string' && isTimeZone(value), {
  error: "a time zone, such as 'UTC' or 'Europe/Berlin'",
});

const options = {
  /**
   * What the limit does while the store that it is counted in does not answer. `local`: each process admits its share;
   * `open`: nothing is held against it; `closed`: everything is denied.
   */
  whenStoreDown: word('local', 'open', 'closed').default('local'),
  /** Counts and tells what it would have denied, and denies nothing. */
  shadow: z.boolean().default(false),
};

const written = z.strictObject({
  /** A sliding window: so many requests in any window of this length. */
  window: rate.optional(),
  /** A token bucket: at once as many as it holds, then as many as are refilled. */
  bucket: z.strictObject({ capacity: count, refill: rate }).optional(),
  /** Other counts for the same window at times of the day; `from` is in, `to` is out, and may be on the next day. */
  schedule: z.array(z.strictObject({ from: clock, to: clock, window: rate })).default([]),
  timeZone: timeZone.default('UTC'),
  /** A forecast of the load moves the window's count inside these bounds; in shadow it only tells what it would do. */
  adaptive: z.strictObject({ min: rate, max: rate, shadow: z.boolean().default(true) }).optional(),
  ...options,
});

/** A limit: a rate alone, or an object that says more. */
export const limitSchema = z.union(
  [rate.transform((window): z.output<typeof written> => written.parse({ window })), written],
  { error: "a rate, such as '100/min', or an object with window or bucket" },
);

/** Everything about limits. */
export const limitsSchema = z.strictObject({
  /** All requests without a key, per client address (an IPv6 address by its /56). */
  address: limitSchema,
  /** All requests with a key or session of no tier, per key or user. */
  key: limitSchema,
  /** All requests of everyone together. */
  global: limitSchema.optional(),
  /** The limits of callers whose key has a tier, in place of `key`; and in place of single routes' own. */
  tiers: z.record(label, z.strictObject({ limit: limitSchema, routes: z.record(z.string(), limitSchema).default({}) })),
  /** Callers that one process tracks for each limit; the least recently seen is forgotten first. */
  trackedCallers: count,
  /** Windows up to this count keep a log and are exact; larger ones keep two counters and are approximate. */
  logUpTo: count,
  /**
   * How processes that share a store count. `exact`: every request is decided by the store; `lease`: a caller who asks
   * often is decided here, from tokens taken from the store in advance.
   */
  mode: word('exact', 'lease'),
  lease: z.strictObject({
    /** Tokens taken at once, at most; a tenth of the limit where that is less. */
    tokens: count,
    /** After which tokens that were not used are forgotten. */
    lifetime: duration,
    /** Requests per second of one caller in one process from which a lease is taken. */
    hotFrom: count,
  }),
});

/** A limit, complete with defaults. */
export type Limit = z.output<typeof limitSchema>;

/** A limit in one line, such as `30/h (10/h 09:00-17:00 UTC)` or `bucket of 10, 1/s`. */
export function describeLimit({ window, bucket, schedule, timeZone }: Limit): string {
  if (bucket) return `bucket of ${bucket.capacity}, ${bucket.refill}`;
  const times = schedule.map((row) => `${row.window} ${row.from}-${row.to} ${timeZone}`);
  return `${window}${times.length > 0 ? ` (${times.join(', ')})` : ''}`;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    // The only way to ask.
    return false;
  }
}
