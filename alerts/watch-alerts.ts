import { METRICS, selectExported } from '../service/telemetry/catalogue.ts';
import { THRESHOLDS } from '../service/telemetry/thresholds.ts';
import type { Service } from '../service/definition/index.ts';
import type { Alert } from './alert.ts';
import { kubectl } from './first-look.ts';

/** No drill has succeeded for longer than it may; before the first, time counts from 1970. */
function drillMissed({ namespace }: Service): string {
  const last = selectExported(namespace, METRICS.drillLastSuccess);
  return `time() - max by (namespace) (${last}) > ${THRESHOLDS.drilledWithin}`;
}

/** Alerts on what watches and rehearses. */
export const WATCH_ALERTS = [
  {
    id: 'DrillMissed',
    severity: 'ticket',
    team: 'service',
    group: 'forecasts',
    for: '1h',
    exporters: ['guard'],
    only: { where: '`drills.enabled` is on', holds: ({ drills }) => drills.enabled },
    expression: drillMissed,
    summary: 'No drill has succeeded for more than a month',
    description:
      'The last drill that ended well in {{ $labels.namespace }} was {{ $value | humanizeDuration }} ago; before the first, time counts from 1970.',
    runbook: {
      meaning:
        'The monthly drill was not started, did not finish, or showed that something does not do what it should.',
      impact: 'No user notices. Whether alerts, breakers and rollback still work is not known.',
      firstLook: (service) => ({
        'What runs of it there were': kubectl(service, 'get schedules.chaos-mesh.org,networkchaos.chaos-mesh.org'),
        'How long ago the last one ended well': `time() - ${selectExported(service.namespace, METRICS.drillLastSuccess)}`,
        'When the next one starts': kubectl(service, 'describe schedules.chaos-mesh.org'),
      }),
      fix: [
        'It was not started: it is suspended, or Chaos Mesh does not run.',
        'It failed: its report says which step did not come in time; mend that and run it again.',
      ],
    },
    panel: 'drill-age',
    dashboard: 'drills',
    ruleTestOnly: 'a drill that trips it would be one that succeeds',
  },
  {
    id: 'Watchdog',
    severity: 'none',
    team: 'platform',
    group: 'causes',
    for: '0s',
    expression: () => 'vector(1)',
    summary: 'Alerts are on their way',
    description: 'Always fires, with the value {{ $value }}: whoever waits for it and does not get it must act.',
    runbook: {
      meaning:
        'It fires as long as Prometheus evaluates rules, and arrives as long as Alertmanager tells. What waits for it (`monitoring.notifications.watchdog`) speaks up when it stays away.',
      impact: 'None while it fires. When it stays away nobody is woken for anything.',
      firstLook: (service) => ({
        'Whether Prometheus and Alertmanager run': kubectl(
          service,
          "get pods -l 'app.kubernetes.io/component in (prometheus, alertmanager)'",
        ),
        'Whether the rules are there': kubectl(service, 'get prometheusrules,alertmanagerconfigs'),
      }),
      fix: [
        'Prometheus or Alertmanager is away: its pod, its volume or its node; restore it.',
        'Both run: Alertmanager says in its log which receiver it cannot reach.',
      ],
    },
    panel: 'pods-up',
    dashboard: 'overview',
    ruleTestOnly: 'it always fires',
  },
] as const satisfies readonly Alert[];
