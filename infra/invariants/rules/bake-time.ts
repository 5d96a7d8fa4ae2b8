import { compared } from '../comparison.ts';
import type { Invariant } from '../finding.ts';
import { seconds, timeOf } from '../time.ts';
import { fillingTime, probesFilling } from './release-time.ts';

/** The first new pod stands alone until there is enough to judge it by. */
export const bakeTime: Invariant = {
  id: 'bake-time',
  layers: ['traffic', 'rollout', 'alerts'],
  reason:
    'While the first new pod bakes, a bad release meets the share of one pod. A rollout that goes on before the sample ' +
    'is full hands it the traffic of the second and third pod as well, with nothing known yet.',
  formula: 'minReady ≥ time that fills the sample on one new pod',
  example: { settings: ['rollout.minReady=1s'] },
  ...compared((service) => {
    const bake = timeOf('rollout.minReady', service.rollout.minReady);
    const filling = fillingTime(service);
    return [
      {
        path: 'rollout.minReady',
        left: bake,
        required: '>=',
        right: filling,
        unit: 'ms',
        fixes: [[`rollout.minReady=${seconds(filling.value)}`], probesFilling(service, bake.value)],
      },
    ];
  }),
};
