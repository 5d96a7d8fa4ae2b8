import { toPerSecond } from '../../../service/definition/index.ts';
import { compared } from '../comparison.ts';
import type { Invariant } from '../finding.ts';
import { rounded } from '../time.ts';

/** As many pods as the autoscaler may ask for answer the peak. */
export const capacity: Invariant = {
  id: 'capacity',
  layers: ['traffic', 'autoscaler', 'gateway'],
  reason:
    'The autoscaler stops at its maximum without a word. What the pods cannot answer beyond it waits, then is ' +
    'refused, in the busiest minute of the year.',
  formula: 'most pods × what a pod answers ≥ peak',
  example: { settings: ['load.peak=100000/s'] },
  ...compared(({ scaling, load }) => {
    const perPod = toPerSecond(load.perPod);
    const peak = toPerSecond(load.peak);
    const total = scaling.max * perPod;
    return [
      {
        path: 'scaling.max',
        left: {
          value: total,
          text: `${scaling.max} HPA max × ${load.perPod} load.perPod = ${rounded(total)}/s`,
        },
        required: '>=',
        right: { value: peak, text: `${load.peak} load.peak` },
        unit: 'requests/s',
        fixes: [[`scaling.max=${Math.ceil(peak / perPod)}`]],
      },
    ];
  }),
};
