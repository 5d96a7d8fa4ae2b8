import { REDIS_STORES, type Service } from '../service/definition/index.ts';
import { METRICS, selectExported, selectGateway } from '../service/telemetry/catalogue.ts';
import { EXPLAINED, type Alert } from './alert.ts';
import { kubectl } from './first-look.ts';
import {
  redisClientsNearLimit,
  redisDown,
  redisReplicaDown,
  redisStateEvicted,
  redisStateNearlyFull,
} from './store-expressions.ts';

const NO_EXPERIMENT = 'no experiment fills Redis, or takes one of several';

/** A command of Redis as its owner, at the first server of a store. */
function redisCli(service: Service, store: string, command: string): string {
  const password = `$(cat /run/secrets/${store}/password)`;
  return kubectl(service, `exec ${store}-0 -- sh -c 'REDISCLI_AUTH=${password} redis-cli ${command}'`);
}

/** Alerts on what the exporter of Redis tells. */
export const REDIS_ALERTS = [
  {
    id: 'RedisDown',
    severity: 'page',
    team: 'platform',
    group: 'causes',
    for: '1m',
    keepFiring: EXPLAINED,
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
    dashboard: 'stores',
    experiment: 'redis-lost',
  },
  {
    id: 'RedisReplicaDown',
    severity: 'ticket',
    team: 'platform',
    group: 'causes',
    for: '10m',
    exporters: ['redis-exporter'],
    expression: redisReplicaDown,
    summary: 'A server of a replicated Redis is away',
    description: 'Only {{ $value }} servers of {{ $labels.store }} answer their exporter in {{ $labels.namespace }}.',
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
    dashboard: 'stores',
    ruleTestOnly: NO_EXPERIMENT,
  },
  {
    id: 'RedisStateNearlyFull',
    severity: 'ticket',
    team: 'platform',
    group: 'causes',
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
    dashboard: 'stores',
    ruleTestOnly: NO_EXPERIMENT,
  },
  {
    id: 'RedisStateEvicted',
    severity: 'ticket',
    team: 'platform',
    group: 'causes',
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
    dashboard: 'stores',
    ruleTestOnly: 'the configuration rules it out, and no experiment changes that',
  },
  {
    id: 'RedisClientsNearLimit',
    severity: 'ticket',
    team: 'platform',
    group: 'causes',
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
    dashboard: 'stores',
    ruleTestOnly: NO_EXPERIMENT,
  },
] as const satisfies readonly Alert[];
