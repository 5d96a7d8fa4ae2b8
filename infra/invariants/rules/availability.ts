import type { Service } from '../../../service/definition/index.ts';
import { compared } from '../comparison.ts';
import type { Invariant } from '../finding.ts';
import { quotaComparisons } from './quota.ts';

/** Pods that the disruption budget lets a node drain take away at once. */
const MAX_EVICTED = 1;

/** A node can be drained, and a failure domain lost, without an outage. */
export const availability: Invariant = {
  id: 'availability',
  layers: ['autoscaler', 'disruption budget', 'container', 'quota'],
  reason:
    'At its quiet hour the service runs the minimum. If the disruption budget may evict all of it, or if it is ' +
    'fewer pods than failure domains, routine maintenance or the loss of one zone takes the service down. ' +
    'At its peak a quota without room for a rollout keeps the pods of the next version from starting, and those of ' +
    'the one that a bad release is withdrawn for.',
  formula:
    'fewest pods ≥ pods evicted at once + 1; fewest pods ≥ failure domains; ' +
    'what every pod that can exist at once asks for ≤ quota',
  example: { settings: ['scaling.min=1'] },
  ...compared((service) => {
    const { min, spreadDomains } = service.scaling;
    const minimum = { value: min, text: `${min} scaling.min` };
    return [
      {
        path: 'scaling.min',
        left: minimum,
        required: '>=',
        right: { value: MAX_EVICTED + 1, text: `${MAX_EVICTED} evicted + 1 that serves = ${MAX_EVICTED + 1}` },
        unit: 'pods',
        fixes: [atLeast(service, MAX_EVICTED + 1)],
      },
      {
        path: 'scaling.spreadDomains',
        left: minimum,
        required: '>=',
        right: { value: spreadDomains, text: `${spreadDomains} spreadDomains, one pod in each` },
        unit: 'pods',
        fixes: [atLeast(service, spreadDomains), [`scaling.spreadDomains=${min}`]],
      },
      ...quotaComparisons(service),
    ];
  }),
};

function atLeast({ scaling }: Service, pods: number): string[] {
  return [`scaling.min=${pods}`, ...(scaling.max < pods ? [`scaling.max=${pods}`] : [])];
}
