import { METRICS, selectExported, selectGateway } from '../service/telemetry/catalogue.ts';
import { EXPLAINED, type Alert } from './alert.ts';
import { kubectl } from './first-look.ts';
import {
  postgresBackupOld,
  postgresConnectionsNearLimit,
  postgresDown,
  postgresNearlyFull,
} from './store-expressions.ts';

/** Alerts on what the exporter of Postgres tells. */
export const POSTGRES_ALERTS = [
  {
    id: 'PostgresDown',
    severity: 'page',
    team: 'platform',
    group: 'causes',
    for: '1m',
    keepFiring: EXPLAINED,
    exporters: ['postgres-exporter'],
    expression: postgresDown,
    summary: 'Postgres does not answer',
    description: 'Postgres does not answer its exporter in {{ $labels.namespace }}.',
    runbook: {
      meaning: 'The exporter cannot connect to Postgres, or is refused.',
      impact: 'Log-ins, orders and logs answer 503, unless the exporter alone is refused.',
      firstLook: (service) => ({
        'Whether it runs, and since when': kubectl(service, 'get pods -l app.kubernetes.io/component=postgres -o wide'),
        'What the exporter says': kubectl(service, 'logs deployment/postgres-exporter --tail=50'),
        'Whether the gateway reaches it': `sum by (store) (rate(${selectGateway(service.namespace, METRICS.storeErrors)}[5m]))`,
      }),
      fix: [
        'The pod does not run: its events name a full volume, too little memory or a missing Secret.',
        'The exporter is refused: its role is made when the database is, with the password of the Secret `postgres-exporter`; after a change of that password, or in an older database, run what docs/monitoring.md says.',
      ],
    },
    panel: 'postgres-up',
    dashboard: 'stores',
    experiment: 'postgres-lost',
  },
  {
    id: 'PostgresConnectionsNearLimit',
    severity: 'ticket',
    team: 'platform',
    group: 'causes',
    for: '5m',
    exporters: ['postgres-exporter'],
    expression: postgresConnectionsNearLimit,
    summary: 'Postgres has nearly as many connections as it accepts',
    description:
      '{{ $value | humanizePercentage }} of the connections of Postgres are open in {{ $labels.namespace }}.',
    runbook: {
      meaning: 'All clients together hold most of `max_connections`: pools of the gateway, jobs, exporters and people.',
      impact: 'Beyond the limit Postgres refuses new connections: what needs one answers 503.',
      firstLook: (service) => ({
        'In which state they are': `sum by (datname, state) (${selectExported(service.namespace, METRICS.postgresConnections)})`,
        'Who holds them': kubectl(
          service,
          `exec postgres-0 -- psql -U ${service.name} -c 'select usename, application_name, client_addr, state, count(*) from pg_stat_activity group by 1, 2, 3, 4 order by 5 desc'`,
        ),
      }),
      fix: [
        'The gateway: pods times pools are more than planned; `sluice check --explain pool-budget` tells the sum.',
        'Somebody else: `select pg_terminate_backend(pid)`, then raise `datastores.postgres.reserved` if they are to stay.',
      ],
    },
    panel: 'postgres-connections',
    dashboard: 'stores',
    experiment: 'postgres-connections-exhausted',
  },
  {
    id: 'PostgresNearlyFull',
    severity: 'ticket',
    team: 'platform',
    group: 'causes',
    for: '10m',
    exporters: ['postgres-exporter'],
    expression: postgresNearlyFull,
    summary: 'The databases fill most of the volume of Postgres',
    description:
      'The databases take {{ $value | humanizePercentage }} of the volume of Postgres in {{ $labels.namespace }}.',
    runbook: {
      meaning: 'Databases take most of the volume. Beside them it holds the write-ahead log, which may be over 1 GiB.',
      impact: 'On a full volume Postgres stops, and with it log-ins, orders and logs.',
      firstLook: (service) => ({
        'How fast it fills': `sum by (datname) (deriv(${selectExported(service.namespace, METRICS.databaseSize)}[6h]))`,
        'Which tables are large': kubectl(
          service,
          `exec postgres-0 -- psql -U ${service.name} -c 'select relname, pg_size_pretty(pg_total_relation_size(oid)) from pg_class where relkind = $$r$$ order by pg_total_relation_size(oid) desc limit 10'`,
        ),
        'How full the volume is': kubectl(service, 'exec postgres-0 -- df -h /var/lib/postgresql/data'),
      }),
      fix: [
        'Logs take the room: delete the old ones and `vacuum full logs` in a quiet hour.',
        'The data grows as it should: raise `datastores.postgres.storage` and the claim `data-postgres-0`, where the storage class can grow it.',
      ],
    },
    panel: 'postgres-size',
    dashboard: 'stores',
    ruleTestOnly: 'no experiment fills Postgres',
  },
  {
    id: 'PostgresBackupOld',
    severity: 'ticket',
    team: 'platform',
    group: 'causes',
    for: '5m',
    exporters: ['postgres-exporter'],
    expression: postgresBackupOld,
    summary: 'The last backup of Postgres is too old',
    description: 'The last whole backup in {{ $labels.namespace }} is {{ $value | humanizeDuration }} old.',
    runbook: {
      meaning:
        'No backup has ended well for longer than `datastores.postgres.backup.maxAge`: runs fail, or none starts.',
      impact: 'No user notices. If the volume were lost now, everything since that backup would be.',
      firstLook: (service) => ({
        'Whether runs fail': kubectl(service, 'get jobs -l app.kubernetes.io/component=postgres-backup'),
        'What the last one said': kubectl(service, 'logs -l app.kubernetes.io/component=postgres-backup --tail=20'),
        'Whether it is suspended': kubectl(service, 'get cronjob postgres-backup'),
      }),
      fix: [
        'Make one now: `kubectl create job --from=cronjob/postgres-backup backup-now`.',
        'The volume of backups is full: lower `datastores.postgres.backup.keep` or raise its `storage`.',
      ],
    },
    panel: 'postgres-backup-age',
    dashboard: 'stores',
    ruleTestOnly: 'no experiment waits for a day',
  },
] as const satisfies readonly Alert[];
