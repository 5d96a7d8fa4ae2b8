export { withLocalFallback } from './fallback-limits.ts';
export { createMemoryLimits } from './memory-limits.ts';
export { limitPolicy, retryAfterMs } from './policy.ts';
export type { LimitCheck, LimitPolicy, LimitStore, LimitVerdict } from './policy.ts';
export { createRedisLimits } from './redis-limits.ts';
