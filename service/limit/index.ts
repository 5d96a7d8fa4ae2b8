export type { TunableLimit } from './current-limit.ts';
export { withDownPolicy } from './down-policy.ts';
export type { DownPolicyOptions } from './down-policy.ts';
export type { LeaseOptions } from './lease.ts';
export { bucketPolicy, concurrencyPolicy, limitPolicy, monthPolicy, sumPolicy, windowPolicy } from './limit-policy.ts';
export { createMemoryLimits } from './memory/memory-limits.ts';
export type { MemoryLimitOptions, MemoryLimits } from './memory/memory-limits.ts';
export { countsAmounts, NOTHING_RESERVED, waitMs } from './policy.ts';
export type {
  CurrentLimit,
  LendingStore,
  LimitKind,
  LimitPolicy,
  LimitRequest,
  LimitStore,
  LimitVerdict,
  ReservationVerdict,
  ReservingStore,
  SharedVerdict,
} from './policy.ts';
export { createPolicySets, limitNames } from './policy-sets.ts';
export type { LimitedCaller, LimitedRoute, PolicySet, PolicySets, TunedPolicy } from './policy-sets.ts';
export { describePolicy } from './rate-limit-fields.ts';
export { createRedisLimits } from './redis/redis-limits.ts';
export type { LimitTrip, RedisLimitOptions, RedisLimits } from './redis/redis-limits.ts';
export type { RedisClient } from './redis/script.ts';
export { createSharedLimits } from './shared-limits.ts';
export type { SharedLimitOptions } from './shared-limits.ts';
