import type { AlertId } from '../../alerts/index.ts';
import type { Service } from '../../service/definition/index.ts';
import { METRICS, selectGateway } from '../../service/telemetry/catalogue.ts';
import type { Experiment } from '../experiment.ts';

/** What every experiment begins and ends with: each query counts what is wrong. */
export const STEADY: Experiment['steadyState'] = {
  queries: ({ namespace }: Service) => ({
    'open breakers': `sum(${selectGateway(namespace, METRICS.breakersOpen)})`,
    'pods of the gateway that do not answer a scrape': `sum(${selectGateway(namespace, METRICS.up)} == bool 0)`,
    'requests that wait for their turn': `sum(${selectGateway(namespace, METRICS.laneQueued)}) > 10`,
  }),
  http: ['/health'],
};

/** Alerts that no fault of a dependency explains. */
export const NEVER: readonly AlertId[] = ['GatewayDown', 'MemoryNearLimit', 'WorkersRestart'];

/** Values, `path=value`, with which a breaker opens for nothing. */
export function withoutBreaker(breaker: 'upstream' | 'redis' | 'postgres'): readonly string[] {
  return ['consecutiveFailures', 'minimumCalls'].map((each) => `resilience.breakers.${breaker}.${each}=1000000`);
}
