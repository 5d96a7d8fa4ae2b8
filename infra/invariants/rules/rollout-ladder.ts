import { toMilliseconds } from '../../../service/definition/index.ts';
import { compared } from '../comparison.ts';
import type { Invariant } from '../finding.ts';
import { above, below, seconds, timeOf } from '../time.ts';

/** A rollout can succeed before it counts as failed, and its failure is known before the deploy stops looking. */
export const rolloutLadder: Invariant = {
  id: 'rollout-ladder',
  layers: ['rollout', 'deploy'],
  reason:
    'Kubernetes and Pulumi both wait 600 s by default: a tie in which the deploy reports its own timeout ' +
    'instead of the reason. And a pod that must stay Ready longer than a rollout may stand still never counts.',
  formula: 'minReady < progress deadline < wait of the deploy',
  example: { settings: ['rollout.progressDeadline=600s'] },
  ...compared(({ rollout, gateway }) => {
    const { period, failures } = gateway.probes.startup;
    const start = failures * toMilliseconds(period);
    const minReady = timeOf('rollout.minReady', rollout.minReady);
    const deadline = timeOf('rollout.progressDeadline', rollout.progressDeadline);
    const deployAwait = timeOf('rollout.deployAwait', rollout.deployAwait);
    return [
      {
        path: 'rollout.progressDeadline',
        left: minReady,
        required: '<',
        right: deadline,
        unit: 'ms',
        // A pod first has to start: a deadline just above minReady would pass here and fail on a cluster.
        fixes: [
          [`rollout.progressDeadline=${seconds(minReady.value + Math.max(start, 1000))}`],
          [`rollout.minReady=${below(deadline.value > start ? deadline.value - start : deadline.value)}`],
        ],
      },
      {
        path: 'rollout.deployAwait',
        left: deadline,
        required: '<',
        right: deployAwait,
        unit: 'ms',
        fixes: [
          [`rollout.deployAwait=${above(deadline.value)}`],
          [`rollout.progressDeadline=${below(deployAwait.value)}`],
        ],
      },
    ];
  }),
};
