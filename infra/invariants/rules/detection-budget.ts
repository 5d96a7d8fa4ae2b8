import { toMilliseconds, type Service } from '../../../service/definition/index.ts';
import { compared } from '../comparison.ts';
import type { Invariant } from '../finding.ts';
import { seconds, timeOf } from '../time.ts';
import { detectionTime, fillingTime, probesFilling } from './release-time.ts';

/** Every stage between a bad request and the decision to withdraw the release fits the deadline, in the worst case. */
export const detectionBudget: Invariant = {
  id: 'detection-budget',
  layers: ['metrics', 'alerts', 'rollout'],
  reason:
    'Each stage waits for the one before it: the pod is found, scraped twice, judged, judged again, told of. With ' +
    'stock intervals that takes two minutes, in which every user of the new version meets its errors.',
  formula:
    'discovery + 2 × scrape + evaluation + for + group wait + delivery + filling the sample ≤ detection deadline, and ≤ the watch',
  example: { settings: ['release.for=60s'] },
  ...compared((service) => {
    const detection = detectionTime(service);
    const deadline = timeOf('release.detectionDeadline', service.release.detectionDeadline);
    const left = fillingTime(service).value - (detection.value - deadline.value);
    return [
      {
        path: 'release.detectionDeadline',
        left: detection,
        required: '<=',
        right: deadline,
        unit: 'ms',
        fixes: [
          probesFilling(service, left),
          shorterFor(service, detection.value - deadline.value),
          [`release.detectionDeadline=${seconds(detection.value)}`],
        ],
      },
      {
        path: 'release.watch',
        left: detection,
        required: '<=',
        right: timeOf('release.watch, after which a release is proven good', service.release.watch),
        unit: 'ms',
        fixes: [[`release.watch=${seconds(detection.value)}`]],
      },
    ];
  }),
};

/** A rule that needs to hold less long, by whole evaluations. */
function shorterFor({ release, monitoring }: Service, excess: number): readonly string[] | undefined {
  const evaluation = toMilliseconds(monitoring.evaluationInterval);
  const evaluations = Math.ceil(toMilliseconds(release.for) / evaluation) - Math.ceil(excess / evaluation);
  return evaluations > 0 ? [`release.for=${seconds(evaluations * evaluation)}`] : undefined;
}
