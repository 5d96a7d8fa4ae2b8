import type { Service } from '../service/definition/index.ts';
import { METRICS, RECORDED, select, selectExported } from '../service/telemetry/catalogue.ts';
import type { Alert } from './alert.ts';
import { GUARDED } from './ending-alerts.ts';
import { kubectl, sluice } from './first-look.ts';
import { releaseFails, releaseSlow } from './release-expressions.ts';

const heldFor = ({ release }: Service) => release.for;

const FIX = [
  'Nothing, as a rule: the guard compares the release with the one before on the same traffic, goes back to the newest one that was proven good, and quarantines this one until `npx sluice release allow`. A ticket tells (ReleaseRestored).',
  'It leaves the release alone and pages (ReleaseNeedsPeople) when both versions are bad, when the schema does not let the one before run, when none was proven good, when it was rolled back once before, within `release.cooldown` of another rollback, while somebody has frozen releases, in a dry run, and when figures are missing.',
  'It does nothing at all while none of its pods leads (GuardLeaderless). Then `npx sluice release rollback --env ENV --reason WHY` tells the commands that do it by hand.',
];

const firstLook = (service: Service) => ({
  'What the guard makes of it': sluice(service, 'release status'),
  'Which release is judged, and whether any is': selectExported(service.namespace, METRICS.releaseWatched),
  'What share of its requests each release fails': select(RECORDED.releaseErrors, { namespace: service.namespace }),
  'What share of them it answers fast enough': select(RECORDED.releaseFast, { namespace: service.namespace }),
  'How many requests that is of': select(RECORDED.releaseRequests, { namespace: service.namespace }),
  'Which pods are of which release': kubectl(
    service,
    'get pods -l app.kubernetes.io/name=gateway -L pod-template-hash',
  ),
  'What the guard said': kubectl(service, 'logs -l app.kubernetes.io/name=guard --tail=50'),
});

/** Alerts on a single release, which go to the guard: it compares releases and withdraws one that is bad. */
export const RELEASE_ALERTS = [
  {
    id: 'ReleaseErrorsHigh',
    severity: 'release',
    team: 'service',
    group: 'release',
    only: GUARDED,
    for: heldFor,
    expression: releaseFails,
    summary: 'A release fails more requests than a release may',
    description:
      'Release {{ $labels.pod_template_hash }} in {{ $labels.namespace }} fails {{ $value | humanizePercentage }} of its requests.',
    runbook: {
      meaning:
        'While the guard watches a release (`release.watch`, from its first Ready pod on), its pods failed in the window of `release.window` more than `release.errors` of at least `release.minimumSample` requests, counted as the objective of errors counts.',
      impact: 'Requests that meet a pod of this release fail.',
      firstLook,
      fix: FIX,
    },
    panel: 'release-errors',
    dashboard: 'release',
    experiment: 'bad-release-errors',
  },
  {
    id: 'ReleaseLatencyHigh',
    severity: 'release',
    team: 'service',
    group: 'release',
    only: GUARDED,
    for: heldFor,
    expression: releaseSlow,
    summary: 'A release is slower than a release may be',
    description:
      'Release {{ $labels.pod_template_hash }} in {{ $labels.namespace }} answers only {{ $value | humanizePercentage }} of its requests fast enough.',
    runbook: {
      meaning:
        'While the guard watches a release (`release.watch`, from its first Ready pod on), its pods answered in the window of `release.window` less than 95 % of at least `release.minimumSample` requests within `release.latency`, counted as the objective of latency counts.',
      impact: 'Requests that meet a pod of this release wait.',
      firstLook,
      fix: FIX,
    },
    panel: 'release-fast',
    dashboard: 'release',
    experiment: 'bad-release-latency',
  },
] as const satisfies readonly Alert[];
