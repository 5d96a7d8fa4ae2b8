import { toMilliseconds } from '../../../service/definition/index.ts';
import { compared } from '../comparison.ts';
import type { Invariant } from '../finding.ts';
import { seconds, timeOf } from '../time.ts';
import { detectionTime } from './release-time.ts';

/** A bad release is found and replaced in every pod before the deadline, also at the peak. */
export const restoreBudget: Invariant = {
  id: 'restore-budget',
  layers: ['alerts', 'rollout', 'autoscaler'],
  reason:
    'No pod is taken away before another is Ready, so pods are replaced as many at a time as the surge allows, and at ' +
    'the peak there are most of them. One at a time, six pods take minutes after the decision is made.',
  formula: 'detection + most pods ÷ surge of the restore × time to ready ≤ restore deadline',
  example: { settings: ['release.restoreSurge=1'] },
  ...compared((service) => {
    const { scaling, release } = service;
    const detection = detectionTime(service).value;
    const ready = toMilliseconds(release.timeToReady);
    const rounds = Math.ceil(scaling.max / release.restoreSurge);
    const total = detection + rounds * ready;
    const deadline = timeOf('release.restoreDeadline', release.restoreDeadline);
    const affordable = Math.floor((deadline.value - detection) / ready);
    return [
      {
        path: 'release.restoreDeadline',
        left: {
          value: total,
          text:
            `${seconds(detection)} to detect + ${scaling.max} HPA max ÷ ${release.restoreSurge} restoreSurge, rounded up, ` +
            `= ${rounds} × ${seconds(ready)} timeToReady = ${seconds(total)}`,
        },
        required: '<=',
        right: deadline,
        unit: 'ms',
        fixes: [
          affordable > 0 ? [`release.restoreSurge=${Math.ceil(scaling.max / affordable)}`] : undefined,
          [`release.restoreDeadline=${seconds(total)}`],
          affordable > 0 ? [`scaling.max=${affordable * release.restoreSurge}`] : undefined,
        ],
      },
    ];
  }),
};
