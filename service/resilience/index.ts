export type {
  Breaker,
  BreakerCall,
  BreakerCause,
  BreakerRow,
  BreakerState,
  BreakerTransition,
  ManagedBreaker,
} from './breaker.ts';
export { createBreakerRegistry } from './breaker-registry.ts';
export type { BreakerRegistry } from './breaker-registry.ts';
export { createBreaker } from './circuit-breaker.ts';
export type { BreakerOptions } from './circuit-breaker.ts';
export { fixedConcurrency } from './concurrency-limit.ts';
export type { ConcurrencyLimit } from './concurrency-limit.ts';
export { gradientConcurrency } from './gradient-limit.ts';
export type { GradientLimit, GradientOptions } from './gradient-limit.ts';
export { guarded } from './guarded.ts';
export type { Guard, GuardOptions } from './guarded.ts';
export { createLanes } from './lanes.ts';
export type { Lanes, LanesMeasure, LanesOptions } from './lanes.ts';
export { SHED_REASONS } from './permit.ts';
export type { Permit, Refusal, ShedReason } from './permit.ts';
export { createRetryBudget } from './retry-budget.ts';
export type { RetryBudget, RetryBudgetOptions } from './retry-budget.ts';
export { shareOf } from './share.ts';
