import { toBytes, toMilliseconds, type CacheSettings } from '../definition/index.ts';
import { createCachePolicy, type CachePolicy } from './policy.ts';
import { ResponseCache, type ResponseCacheOptions } from './response-cache.ts';
import { SingleFlight } from './single-flight.ts';

/** What a cache of answers follows from. */
export type AnswerCacheOptions = Pick<ResponseCacheOptions, 'shared' | 'maxBytes' | 'onEvent' | 'onError' | 'now'> & {
  readonly settings: CacheSettings;
  /** From 0 to 1; default Math.random. */
  readonly random?: () => number;
};

/** Where answers are kept, who fetches them, and for how long they are good. */
export type AnswerCache = {
  readonly tiers: ResponseCache;
  readonly flights: SingleFlight;
  readonly policy: CachePolicy;
};

/** A cache of answers as the definition's `cache` says. `tiers.start` begins to follow what others invalidate. */
export function createAnswerCache({ settings, random, ...options }: AnswerCacheOptions): AnswerCache {
  const { shared, onError, now } = options;
  return {
    tiers: new ResponseCache({
      ...options,
      maxEntryBytes: toBytes(settings.maxEntry),
      maxStalenessMs: toMilliseconds(settings.maxStaleness),
    }),
    flights: new SingleFlight({ shared, leaseMs: toMilliseconds(settings.fetchLease), onError }),
    policy: createCachePolicy({ settings, ...(now && { now }), ...(random && { random }) }),
  };
}
