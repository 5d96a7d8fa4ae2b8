import { isGuarded, type Duration, type Service } from '../service/definition/index.ts';
import { METRICS, RECORDED, select, selectExported } from '../service/telemetry/catalogue.ts';
import type { Alert, Condition } from './alert.ts';
import { kubectl, sluice } from './first-look.ts';
import { releaseEnded } from './guard-expressions.ts';

/** Where a guard judges releases. */
export const GUARDED: Condition = { where: '`release.guard.mode` is not `off`', holds: isGuarded };

// Another guard tells the same ending as soon as it leads.
const HANDOVER: Duration = '1m';

const firstLook = (service: Service) => ({
  'What the guard says, and whether it can do its work': sluice(service, 'release status'),
  'Why it decided so: each rule with its numbers': sluice(service, 'release explain'),
  'What it made of the releases before': sluice(service, 'release history'),
  'What share of its requests each release fails now': select(RECORDED.releaseErrors, { namespace: service.namespace }),
  'Which pods are of which release': kubectl(
    service,
    'get pods -l app.kubernetes.io/name=gateway -L pod-template-hash',
  ),
});

const LASTS =
  'It lasts until the next release is deployed, or this one is taken back by an order. If neither is due, silence it in Alertmanager until then.';

/** Alerts on how the guard ended with a release. They last until another ending takes the place of that one. */
export const ENDING_ALERTS = [
  {
    id: 'ReleaseRestored',
    severity: 'ticket',
    team: 'service',
    group: 'causes',
    exporters: ['guard'],
    only: GUARDED,
    for: '0s',
    keepFiring: HANDOVER,
    expression: (service) => releaseEnded(['restored'], service),
    summary: 'A bad release was withdrawn, and the one before serves again',
    description: 'The guard ended with the newest release in {{ $labels.namespace }}: {{ $labels.outcome }}.',
    runbook: {
      meaning:
        'The newest release was bad, or somebody ordered it back, and every pod is of a release again that was proven good.',
      impact:
        'None any more: what failed is in the record. The release is quarantined, so that the next deployment of the same image and configuration is refused.',
      firstLook: (service) => ({
        ...firstLook(service),
        'What the pod says that is kept of it': kubectl(service, 'logs deployment/gateway-withdrawn --tail=200'),
        'How long it took, in seconds from the first sign': `max(${selectExported(service.namespace, METRICS.releaseRestore)})`,
      }),
      fix: [
        'Find the fault: one pod of the release runs on outside the Service for `release.withdrawnFor`, and is asked the same synthetic requests.',
        'Deploy a release that mends it. The restored one is what runs, and not what the repository says.',
        'The release is good and the cause lay elsewhere: `npx sluice release allow RELEASE --env ENV --reason WHY`, and deploy it again; it is judged anew.',
      ],
    },
    panel: 'release-outcome',
    dashboard: 'release',
    experiment: 'bad-release-errors',
  },
  {
    id: 'ReleaseNotRestored',
    severity: 'page',
    team: 'service',
    group: 'causes',
    exporters: ['guard'],
    only: GUARDED,
    for: '0s',
    keepFiring: HANDOVER,
    expression: (service) => releaseEnded(['failed'], service),
    summary: 'A bad release is withdrawn, and the one before does not come up',
    description:
      'The guard ordered the release before in {{ $labels.namespace }}, and its pods were not Ready in time: {{ $labels.outcome }}.',
    runbook: {
      meaning:
        'The restore went beyond `release.restoreDeadline`, or a pod of the restored release cannot start. The guard makes no second move.',
      impact:
        'Pods of the bad release may still serve, beside those of the restored one that are Ready. Fewer pods than wanted may carry the load.',
      firstLook: (service) => ({
        ...firstLook(service),
        'How far the rollout is': kubectl(service, 'rollout status deployment/gateway --timeout=1s'),
        'Why pods do not start': kubectl(service, 'get events --sort-by=.lastTimestamp'),
      }),
      fix: [
        'An image or a configuration is gone, or a quota is full: the events say which; give it back, and the rollout goes on by itself.',
        'The restored release cannot run: go on to another one that was proven good, `npx sluice release rollback --env ENV --to HASH --reason WHY`; `release status` lists them.',
        'It came up late and all is well: nothing is left to do.',
        LASTS,
      ],
    },
    panel: 'release-outcome',
    dashboard: 'release',
    ruleTestOnly: 'no experiment keeps the guard from restoring: it would leave a bad release',
  },
  {
    id: 'ReleaseNeedsPeople',
    severity: 'page',
    team: 'service',
    group: 'causes',
    exporters: ['guard'],
    only: GUARDED,
    for: '0s',
    keepFiring: HANDOVER,
    expression: (service) => releaseEnded(['refused', 'inconclusive', 'dry-run'], service),
    summary: 'The guard leaves a release to people',
    description:
      'The newest release in {{ $labels.namespace }} goes on serving, and people must look at it: {{ $labels.outcome }}.',
    runbook: {
      meaning:
        'Refused: it looks bad and a rule forbids to go back, such as a schema that the release before does not know, both versions being bad, a freeze, or a second rollback. Inconclusive: figures or requests were missing for longer than `release.patience`, or the window ended without a proof. Dry-run: it would have been withdrawn, were the guard told to act.',
      impact: 'The release goes on serving, with whatever is wrong with it.',
      firstLook,
      fix: [
        'Read which rule decided; the table in docs/releases.md says what each asks for.',
        'The release before is the better one, and the schema lets it run: `npx sluice release rollback --env ENV --reason WHY`. An order is obeyed without figures, window, cooldown or freeze.',
        'Both versions are bad: the cause is elsewhere; go by the alerts on objectives and stores, and leave the release alone.',
        LASTS,
      ],
    },
    panel: 'release-outcome',
    dashboard: 'release',
    ruleTestOnly: 'no experiment breaks a release and what it needs at once',
  },
] as const satisfies readonly Alert[];
