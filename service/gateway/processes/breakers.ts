import type { ResilienceSettings } from '../../definition/index.ts';

/** Every breaker of a worker, and whose settings it has. */
export const BREAKERS = {
  'upstream-critical': 'upstream',
  'upstream-background': 'upstream',
  payment: 'payment',
  redis: 'redis',
  'redis-cache': 'redis',
  postgres: 'postgres',
} as const satisfies Readonly<Record<string, keyof ResilienceSettings['breakers']>>;

/** Name of a breaker. */
export type BreakerName = keyof typeof BREAKERS;
