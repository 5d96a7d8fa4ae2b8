export type { Breaker, BreakerCall, BreakerState } from './breaker.ts';
export { fixedConcurrency } from './concurrency-limit.ts';
export type { ConcurrencyLimit } from './concurrency-limit.ts';
