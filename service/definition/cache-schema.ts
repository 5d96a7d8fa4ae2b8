import { z } from 'zod';
import { amount, bytes, count, duration, text } from './fields.ts';

/** What is kept of answers, and for how long. */
export const cacheSchema = z.strictObject({
  /** Answers whose route says no time of its own. */
  lifetime: duration,
  /** How long a 404 of a cached route is kept. */
  negative: duration,
  /** How long after its end an answer may still be given when the origin fails, or while it is asked anew. */
  stale: duration,
  /** The largest answer that is kept. */
  maxEntry: bytes,
  /** Answers kept for one address that differ by what Vary names. */
  maxVariants: count,
  /** How long one process may keep the others waiting for an answer that it fetches for all. */
  fetchLease: duration,
  /** The longest an answer that was invalidated elsewhere is still given when the message about it was lost. */
  maxStaleness: duration,
  /** Paths that are fetched at start and then as often as `every`. */
  warmUp: z.strictObject({
    paths: z.array(text<string>(/^\/\S*$/, "a path, such as '/v1/search?q=limits'")),
    every: duration,
    /** Requests at once. */
    concurrency: count,
  }),
  /** How eagerly an answer is fetched anew before its end; 0 switches it off. */
  earlyRefresh: amount,
});

/** Settings of the response caches. */
export type CacheSettings = z.output<typeof cacheSchema>;
