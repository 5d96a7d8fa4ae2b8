import { toMilliseconds } from '../../../service/definition/index.ts';
import { compared, counted } from '../comparison.ts';
import type { Invariant } from '../finding.ts';
import { above, below, seconds, timeOf } from '../time.ts';

/** A pod that is asked to stop has the time to finish what it accepted. */
export const drainLadder: Invariant = {
  id: 'drain-ladder',
  layers: ['gateway', 'container', 'rollout'],
  reason:
    'Kubernetes kills a pod when the grace is over, whatever it is doing. A request that was accepted just before ' +
    'the balancer looked away needs its whole time after that; otherwise every rollout cuts answers.',
  formula: 'time until unready + drain delay + longest request < termination grace',
  example: { settings: ['gateway.terminationGrace=30s'] },
  ...compared(({ gateway, routes }) => {
    const { period, failures } = gateway.probes.readiness;
    const unready = failures * toMilliseconds(period);
    const delay = toMilliseconds(gateway.drainDelay);
    const stream = { name: 'a stream', time: toMilliseconds(gateway.streamTimeout) };
    const longest = Object.entries(routes)
      .map(([id, { timeout }]) => ({ name: `route ${id}`, time: toMilliseconds(timeout) }))
      .reduce((longer, next) => (next.time > longer.time ? next : longer), stream);
    const total = unready + delay + longest.time;
    const grace = timeOf('gateway.terminationGrace', gateway.terminationGrace);
    const left = grace.value - unready - delay;
    return [
      {
        path: 'gateway.terminationGrace',
        left: {
          value: total,
          text:
            `${counted(failures, 'readiness failure')} × ${period} + ${gateway.drainDelay} drainDelay ` +
            `+ ${seconds(longest.time)} for ${longest.name}, the longest = ${seconds(total)}`,
        },
        required: '<',
        right: grace,
        unit: 'ms',
        fixes: [
          [`gateway.terminationGrace=${above(total)}`],
          longest === stream && left > 0 ? [`gateway.streamTimeout=${below(left)}`] : undefined,
        ],
      },
    ];
  }),
};
