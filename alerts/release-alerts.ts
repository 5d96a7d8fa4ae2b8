import { isGuarded, type Service } from '../service/definition/index.ts';
import { RECORDED, select } from '../service/telemetry/catalogue.ts';
import type { Alert, Condition } from './alert.ts';
import { kubectl } from './first-look.ts';
import { releaseFails, releaseSlow } from './release-expressions.ts';

const GUARDED: Condition = { where: '`release.guard.mode` is not `off`', holds: isGuarded };

const heldFor = ({ release }: Service) => release.for;

const UNREHEARSED = 'no experiment deploys a bad release';

const FIX = [
  'The guard withdraws the release by itself and keeps it from being deployed again until `sluice release allow`.',
  'All releases are bad at once: the cause is elsewhere, and the guard leaves them alone; go by the alerts on objectives.',
  'The guard does nothing: go back by hand with `kubectl rollout undo deployment/gateway --to-revision=N`, N being the last good revision.',
];

const firstLook = (service: Service) => ({
  'What share of its requests each release fails': select(RECORDED.releaseErrors, { namespace: service.namespace }),
  'What share of them it answers fast enough': select(RECORDED.releaseFast, { namespace: service.namespace }),
  'How many requests that is of': select(RECORDED.releaseRequests, { namespace: service.namespace }),
  'Which pods are of which release': kubectl(
    service,
    'get pods -l app.kubernetes.io/component=gateway -L pod-template-hash',
  ),
  'What the guard did': kubectl(service, 'logs deployment/guard --tail=50'),
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
        'In the window of `release.window`, pods of one release failed more than `release.errors` of at least `release.minimumSample` requests, counted as the objective of errors counts.',
      impact: 'Requests that meet a pod of this release fail.',
      firstLook,
      fix: FIX,
    },
    panel: 'release-errors',
    dashboard: 'release',
    ruleTestOnly: UNREHEARSED,
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
        'In the window of `release.window`, pods of one release answered less than 95 % of at least `release.minimumSample` requests within `release.latency`, counted as the objective of latency counts.',
      impact: 'Requests that meet a pod of this release wait.',
      firstLook,
      fix: FIX,
    },
    panel: 'release-fast',
    dashboard: 'release',
    ruleTestOnly: UNREHEARSED,
  },
] as const satisfies readonly Alert[];
