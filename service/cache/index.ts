export { createAnswerCache } from './answer-cache.ts';
export type { AnswerCache, AnswerCacheOptions } from './answer-cache.ts';
export type { CacheEntry } from './entry.ts';
export { createMemorySharedTier } from './memory-shared-tier.ts';
export { createCachePolicy, isForOneCaller } from './policy.ts';
export type { Answer, AnswerFacts, CachePolicy, CachePolicyOptions, Worth } from './policy.ts';
export { createRedisSharedTier } from './redis-shared-tier.ts';
export type { RedisSharedTierOptions } from './redis-shared-tier.ts';
export { ResponseCache } from './response-cache.ts';
export type { Invalidation, ResponseCacheOptions, Stored } from './response-cache.ts';
export type {
  CacheMessage,
  JournalPage,
  JournalStep,
  JournalStore,
  LeaseStore,
  Mark,
  SharedTier,
} from './shared-tier.ts';
export { SingleFlight } from './single-flight.ts';
export type { Seat, SingleFlightOptions, Trip } from './single-flight.ts';
export type { CacheTiers } from './tiers.ts';
export { startWarmUp, warmUp } from './warm-up.ts';
export type { WarmUpCounts, WarmUpOptions } from './warm-up.ts';
