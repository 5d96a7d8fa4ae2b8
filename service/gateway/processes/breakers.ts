import type { ResilienceSettings, Service } from '../../definition/index.ts';
import { OTHER_MODEL } from '../../telemetry/catalogue.ts';

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

/** Name of the breaker in front of one model of a provider; those that the definition does not list share one. */
export function modelBreaker(provider: string, model: string): string {
  return `model:${provider}/${model}`;
}

/** Names of the breakers in front of models. */
export function modelBreakers({ ai }: Pick<Service, 'ai'>): readonly string[] {
  return Object.entries(ai.providers).flatMap(([id, { models, unlisted }]) =>
    [...Object.keys(models), ...(unlisted ? [OTHER_MODEL] : [])].map((model) => modelBreaker(id, model)),
  );
}
