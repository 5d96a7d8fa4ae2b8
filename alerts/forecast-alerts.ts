import { METRICS, selectExported, selectGateway } from '../service/telemetry/catalogue.ts';
import type { Alert } from './alert.ts';
import { GATEWAY_PODS, kubectl, requestsByRoute } from './first-look.ts';
import { databaseFills, memoryGrows, postgresConnectionsGrow, volumeFills } from './forecast-expressions.ts';

const UNREHEARSED = 'no experiment fills anything for hours';

/** Alerts on what will run out, going by how it went of late; each has a fellow that tells when it nearly has. */
export const FORECAST_ALERTS = [
  {
    id: 'VolumeFills',
    severity: 'ticket',
    team: 'platform',
    group: 'forecasts',
    for: '1h',
    exporters: ['kubelet'],
    expression: volumeFills,
    summary: 'A volume will be full within four days',
    description:
      '{{ $value | humanizePercentage }} of the volume {{ $labels.persistentvolumeclaim }} in {{ $labels.namespace }} are free, and at the pace of the last six hours none will be within four days.',
    runbook: {
      meaning:
        'The line through what was free in the last six hours meets zero within four days, and more than half is used.',
      impact: 'None yet. On a full volume its store stops.',
      firstLook: (service) => ({
        'How fast it fills': `deriv(${selectExported(service.namespace, METRICS.volumeAvailable)}[6h])`,
        'What is free': `${selectExported(service.namespace, METRICS.volumeAvailable)} / ${selectExported(service.namespace, METRICS.volumeCapacity)}`,
        'Whose it is': kubectl(service, 'get persistentvolumeclaims'),
      }),
      fix: [
        'Of Postgres: see PostgresNearlyFull. Of its backups: lower `datastores.postgres.backup.keep`.',
        'Of Prometheus: it keeps within seven tenths by itself, unless something else writes there.',
        'It grows as it should: raise its size in the definition and the claim, where the storage class can grow it.',
      ],
    },
    panel: 'volumes',
    dashboard: 'stores',
    ruleTestOnly: UNREHEARSED,
  },
  {
    id: 'DatabaseFills',
    severity: 'ticket',
    team: 'platform',
    group: 'forecasts',
    for: '1h',
    exporters: ['postgres-exporter'],
    expression: databaseFills,
    summary: 'The databases will fill the volume of Postgres within four days',
    description:
      'The databases in {{ $labels.namespace }} take {{ $value | humanizePercentage }} of their volume, and at the pace of the last six hours will fill it within four days.',
    runbook: {
      meaning:
        'The databases take more than half of the volume, and grow so fast that within four days nine tenths are theirs.',
      impact: 'None yet. On a full volume Postgres stops, and with it log-ins, orders and logs.',
      firstLook: (service) => ({
        'How fast each grows': `deriv(${selectExported(service.namespace, METRICS.databaseSize)}[6h])`,
        'Which tables are large': kubectl(
          service,
          `exec postgres-0 -- psql -U ${service.name} -c 'select relname, pg_size_pretty(pg_total_relation_size(oid)) from pg_class where relkind = $$r$$ order by pg_total_relation_size(oid) desc limit 10'`,
        ),
        'Which routes write': requestsByRoute(service, { method: 'POST' }),
      }),
      fix: [
        'A flood of log lines: limit the route `logs`, then delete what nobody needs.',
        'The data grows as it should: raise `datastores.postgres.storage` before it is full, as under PostgresNearlyFull.',
      ],
    },
    panel: 'postgres-size',
    dashboard: 'stores',
    ruleTestOnly: UNREHEARSED,
  },
  {
    id: 'PostgresConnectionsGrow',
    severity: 'ticket',
    team: 'platform',
    group: 'forecasts',
    for: '10m',
    exporters: ['postgres-exporter'],
    expression: postgresConnectionsGrow,
    summary: 'Postgres will have no connection left within the hour',
    description:
      '{{ $value | humanizePercentage }} of the connections of Postgres are open in {{ $labels.namespace }}, and at the pace of the last half hour all will be within the hour.',
    runbook: {
      meaning: 'More than half of `max_connections` is open, and connections are opened faster than they are closed.',
      impact: 'None yet. Beyond the limit Postgres refuses: log-ins, orders and logs answer 503.',
      firstLook: (service) => ({
        'In which state they are': `sum by (datname, state) (${selectExported(service.namespace, METRICS.postgresConnections)})`,
        'Whether pods come': kubectl(service, `get pods -l ${GATEWAY_PODS}`),
        'Who holds them': kubectl(
          service,
          `exec postgres-0 -- psql -U ${service.name} -c 'select usename, application_name, client_addr, state, count(*) from pg_stat_activity group by 1, 2, 3, 4 order by 5 desc'`,
        ),
      }),
      fix: [
        'Pods come: they stop at `scaling.max`, for which `sluice check` has counted.',
        'Somebody opens and never closes: end those with `select pg_terminate_backend(pid)` and mend the program.',
      ],
    },
    panel: 'postgres-connections',
    dashboard: 'stores',
    ruleTestOnly: UNREHEARSED,
  },
  {
    id: 'MemoryGrows',
    severity: 'ticket',
    team: 'service',
    group: 'forecasts',
    for: '30m',
    expression: memoryGrows,
    summary: 'A pod of the gateway will meet its memory limit within four hours',
    description:
      '{{ $labels.pod }} in {{ $labels.namespace }} uses {{ $value | humanizePercentage }} of its memory, and at the pace of the last hour will use all within four.',
    runbook: {
      meaning:
        'More than half of the container is used, and it grows without falling back: a leak, or a cache that is larger than was planned.',
      impact: 'None yet. At the limit the kernel ends the pod with every request in it.',
      firstLook: (service) => ({
        'How fast each pod grows': `deriv(${selectGateway(service.namespace, METRICS.residentMemory)}[1h])`,
        'Whether it is the heap': `deriv(${selectGateway(service.namespace, METRICS.heapUsed)}[1h])`,
        'Whether it is the cache': selectGateway(service.namespace, METRICS.cacheBytes),
        'How old the pods are': kubectl(service, `get pods -l ${GATEWAY_PODS}`),
      }),
      fix: [
        'The heap: compare two heap snapshots, and go back a release if it began with one.',
        'To win time: `kubectl rollout restart deployment/gateway` replaces the pods one by one.',
      ],
    },
    panel: 'memory',
    dashboard: 'runtime',
    ruleTestOnly: UNREHEARSED,
  },
] as const satisfies readonly Alert[];
