import { REDIS_STORES, type Service } from '../service/definition/index.ts';
import { METRICS, selectExported, selectGateway } from '../service/telemetry/catalogue.ts';
import type { Alert } from './alert.ts';
import { kubectl } from './first-look.ts';
import {
  exporterDown,
  postgresBackupOld,
  postgresConnectionsNearLimit,
  postgresDown,
  postgresNearlyFull,
  redisClientsNearLimit,
  redisDown,
  redisReplicaDown,
  redisStateEvicted,
  redisStateNearlyFull,
} from './store-expressions.ts';

const NO_EXPERIMENT = 'no experiment takes a store away or fills it';

/** A command of Redis as its owner, at the first server of a store. */
function redisCli(service: Service, store: string, command: string): string {
  const password = `$(cat /run/secrets/${store}/password)`;
  return kubectl(service, `exec ${store}-0 -- sh -c 'REDISCLI_AUTH=${password} redis-cli ${command}'`);
}

/** Alerts on what the exporters beside the stores tell. */
export const STORE_ALERTS = [
  {
    id: 'RedisDown',
    severity: 'page',
    for: '1m',
    exporters: ['redis-exporter'],
    expression: redisDown,
    summary: 'A Redis does not answer',
    description: 'Redis does not answer its exporter in {{ $labels.namespace }}: {{ $labels.store }}.',
    runbook: {
      meaning:
        'The exporter cannot connect, or is refused: `redis` holds limits and sessions, `redis-cache` answers. Where `redis` is replicated, most of its servers are away, and what is left refuses to write.',
      impact:
        'Without `redis` every worker counts limits for itself and sessions answer 503; without `redis-cache` caches share nothing.',
      firstLook: (service) => ({
        'Whether it runs, and since when': kubectl(
          service,
          "get pods -l 'app.kubernetes.io/component in (redis, redis-cache)' -o wide",
        ),
        'What the exporter says': kubectl(service, 'logs deployment/redis-exporter --tail=50'),
        'Whether the gateway reaches it': `sum by (store) (rate(${selectGateway(service.namespace, METRICS.storeErrors)}[5m]))`,
      }),
      fix: [
        'The pod does not run: its events name a full volume, too little memory or a missing Secret.',
        'The pod runs and the gateway reaches it: the exporter is refused. Its account stands in the Secret `redis-exporter`; Redis reads it at start.',
      ],
    },
    panel: 'redis-up',
    ruleTestOnly: NO_EXPERIMENT,
  },
  {
    id: 'RedisReplicaDown',
    severity: 'ticket',
    for: '10m',
    exporters: ['redis-exporter'],
    expression: redisReplicaDown,
    summary: 'A server of a replicated Redis is away',
    description:
      'Only {{ $value | humanizePercentage }} of the servers of {{ $labels.store }} answer in {{ $labels.namespace }}.',
    runbook: {
      meaning: 'One of the servers does not answer its exporter; the others are enough to take writes.',
      impact:
        'No user notices. When the next one is lost, sessions answer 503 and workers count limits for themselves.',
      firstLook: (service) => ({
        'Which one': `min by (store, instance) (${selectExported(service.namespace, METRICS.redisUp)}) == 0`,
        'Whether it runs, and since when': kubectl(service, 'get pods -l app.kubernetes.io/component=redis -o wide'),
        'Who follows whom': redisCli(service, REDIS_STORES.state, 'info replication'),
      }),
      fix: [
        'Its pod is Pending: the events name what no node has, often the zone of its volume.',
        'Its pod starts and waits: it asks the Sentinels for the primary, and most of them must agree; look at `redis-sentinel`.',
        'Its pod is Ready: the exporter is refused, as under RedisDown.',
      ],
    },
    panel: 'redis-up',
    ruleTestOnly: NO_EXPERIMENT,
  },
  {
    id: 'PostgresDown',
    severity: 'page',
    for: '1m',
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
    ruleTestOnly: NO_EXPERIMENT,
  },
  {
    id: 'ExporterDown',
    severity: 'ticket',
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
    ruleTestOnly: 'no experiment touches what watches',
  },
  {
    id: 'RedisStateNearlyFull',
    severity: 'ticket',
    for: '5m',
    exporters: ['redis-exporter'],
    expression: redisStateNearlyFull,
    summary: 'Redis is nearly full of limits and sessions',
    description:
      '{{ $value | humanizePercentage }} of the memory of {{ $labels.store }} is used in {{ $labels.namespace }}.',
    runbook: {
      meaning: 'Limits, leases and sessions fill most of `maxmemory`. None of them may be evicted.',
      impact: 'When it is full Redis refuses every write: log-ins answer 503 and workers count limits for themselves.',
      firstLook: (service) => ({
        'How fast it fills': `deriv(${selectExported(service.namespace, METRICS.redisMemoryUsed, { store: REDIS_STORES.state })}[1h])`,
        'Which keys are many': redisCli(service, REDIS_STORES.state, '--memkeys'),
      }),
      fix: [
        'More callers or sessions than before: raise `stores.redis.state.memory`.',
        'A flood of callers: lower `sessions.lifetime`, or limit log-ins harder, until it is over.',
      ],
    },
    panel: 'redis-memory',
    ruleTestOnly: NO_EXPERIMENT,
  },
  {
    id: 'RedisStateEvicted',
    severity: 'ticket',
    for: '0s',
    exporters: ['redis-exporter'],
    expression: redisStateEvicted,
    summary: 'Redis lets limits or sessions go',
    description:
      '{{ $value | printf "%.2f" }} keys a second are evicted from {{ $labels.store }} in {{ $labels.namespace }}.',
    runbook: {
      meaning:
        'The Redis of limits and sessions evicts, which `noeviction` rules out: its configuration was changed while it runs.',
      impact: 'Users are logged out, and limits are forgotten: callers get more than they were promised.',
      firstLook: (service) => ({
        'What it is set to': redisCli(service, REDIS_STORES.state, 'config get maxmemory-policy'),
        'How full it is':
          `${selectExported(service.namespace, METRICS.redisMemoryUsed, { store: REDIS_STORES.state })} / ` +
          selectExported(service.namespace, METRICS.redisMemoryMax, { store: REDIS_STORES.state }),
      }),
      fix: [
        'Set it back: `redis-cli config set maxmemory-policy noeviction`, or restart the pod, which reads its file.',
        'Then see RedisStateNearlyFull: it evicted because it was full.',
      ],
    },
    panel: 'redis-evictions',
    ruleTestOnly: 'the configuration rules it out, and no experiment changes that',
  },
  {
    id: 'RedisClientsNearLimit',
    severity: 'ticket',
    for: '5m',
    exporters: ['redis-exporter'],
    expression: redisClientsNearLimit,
    summary: 'A Redis has nearly as many connections as it accepts',
    description:
      '{{ $value | humanizePercentage }} of the connections of {{ $labels.store }} are open in {{ $labels.namespace }}.',
    runbook: {
      meaning:
        'Clients hold most of `maxclients`. The gateway opens a few for each process, so more pods or somebody else hold them.',
      impact: 'Beyond the limit Redis refuses new connections: pods that start then do without it.',
      firstLook: (service) => ({
        'Which server is meant': `max by (store, instance) (${selectExported(service.namespace, METRICS.redisClients)})`,
        'Who holds those of redis, here of its first server': redisCli(service, REDIS_STORES.state, 'client list'),
        'Who holds those of redis-cache': redisCli(service, REDIS_STORES.cache, 'client list'),
        'How many pods there are': kubectl(service, 'get pods -l app.kubernetes.io/component=gateway'),
      }),
      fix: [
        'More pods: raise `maxClients` of that role; `sluice check` tells how many are needed.',
        'Somebody else: end what does not belong there, and look at how the NetworkPolicy let it in.',
      ],
    },
    panel: 'redis-clients',
    ruleTestOnly: NO_EXPERIMENT,
  },
  {
    id: 'PostgresConnectionsNearLimit',
    severity: 'ticket',
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
    ruleTestOnly: NO_EXPERIMENT,
  },
  {
    id: 'PostgresNearlyFull',
    severity: 'ticket',
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
    ruleTestOnly: NO_EXPERIMENT,
  },
  {
    id: 'PostgresBackupOld',
    severity: 'ticket',
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
    ruleTestOnly: 'no experiment waits for a day',
  },
] as const satisfies readonly Alert[];
