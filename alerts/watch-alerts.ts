import type { Alert } from './alert.ts';
import { kubectl } from './first-look.ts';

/** Alerts on what watches. */
export const WATCH_ALERTS = [
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
