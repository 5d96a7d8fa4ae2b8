import type { Alert } from './alert.ts';
import { kubectl } from './first-look.ts';
import { POSTGRES_ALERTS } from './postgres-alerts.ts';
import { REDIS_ALERTS } from './redis-alerts.ts';
import { exporterDown } from './store-expressions.ts';

/** Alerts on what the exporters beside the stores tell. */
export const STORE_ALERTS = [
  ...REDIS_ALERTS,
  ...POSTGRES_ALERTS,
  {
    id: 'ExporterDown',
    severity: 'ticket',
    team: 'platform',
    group: 'causes',
    for: '5m',
    exporters: ['redis-exporter', 'postgres-exporter'],
    expression: exporterDown,
    summary: 'An exporter of a store cannot be reached',
    description: 'Prometheus does not reach {{ $labels.job }} in {{ $labels.namespace }}.',
    runbook: {
      meaning: 'Every scrape of the exporter fails, or there is no such pod.',
      impact: 'No user notices. Until it is back, the other alerts on that store stay silent whatever happens to it.',
      firstLook: (service) => ({
        'Whether it runs': kubectl(
          service,
          "get pods -l 'app.kubernetes.io/component in (redis-exporter, postgres-exporter)' -o wide",
        ),
        'Why it does not start': kubectl(service, 'get events --sort-by=.lastTimestamp'),
      }),
      fix: [
        'The image cannot be pulled: correct `monitoring.exporters`.',
        'A Secret is missing: `redis-exporter` and `postgres-exporter` are among what `sluice secrets` prints.',
        'The pod is Ready: a NetworkPolicy or the scrape configuration keeps Prometheus from it.',
      ],
    },
    panel: 'exporters-up',
    dashboard: 'stores',
    ruleTestOnly: 'no experiment touches what watches',
  },
] as const satisfies readonly Alert[];
