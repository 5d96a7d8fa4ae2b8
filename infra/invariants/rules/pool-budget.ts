import { REDIS_ROLES, type RedisRole, type Service } from '../../../service/definition/index.ts';
import { podsBeside } from '../../pods.ts';
import { compared, counted, type Comparison, type Quantity } from '../comparison.ts';
import type { Invariant } from '../finding.ts';
import { gatewayPods, postgresConnections } from './postgres-connections.ts';

/**
 * Connections to Redis in each role that one process of a pod keeps open: a worker has one for commands, and for the
 * cache one that listens. Of a Redis Cluster each node has at most as many, since the one that listens is to any of
 * them, and for a moment one more of each process that asks which node has which keys; `maxClients` is then that of one
 * node. A server that has both roles needs the sum.
 */
const REDIS_CONNECTIONS = {
  state: { perWorker: 1, perPrimary: 1 },
  cache: { perWorker: 2, perPrimary: 1 },
} as const satisfies Readonly<Record<RedisRole, object>>;

/** Of each Sentinel to every pod of the replicated state: one for commands and one that listens. */
const SENTINEL_CONNECTIONS = 2;

/**
 * Of the kubelet at worst, while readiness and liveness are asked at once: a probe that is refused takes the pod out.
 */
const PROBE_CONNECTIONS = 2;

/** A scrape opens one and closes it. */
const EXPORTER_CONNECTIONS = 1;

/** Connections of every pod that can exist at once fit what the stores accept. */
export const poolBudget: Invariant = {
  id: 'pool-budget',
  layers: ['autoscaler', 'rollout', 'gateway', 'Postgres', 'Redis'],
  reason:
    'The autoscaler and a rollout multiply every pool. At the peak, when both are at work, ' +
    'a store that is full refuses connections to the pods that were to help.',
  formula:
    'pods at once × connections of a pod + reserved ≤ connections that Postgres accepts, or without reserved that each ' +
    'pooler accepts, and those of all poolers + reserved that Postgres does; the same for Redis',
  example: { settings: ['datastores.postgres.maxConnections=20'] },
  ...compared((service) => [...postgresConnections(service), ...redis(service)]),
};

function redis(service: Service): Comparison[] {
  if (service.stores.backend !== 'redis') return [];
  return REDIS_ROLES.map((role) => redisOf(role, service));
}

function redisOf(role: RedisRole, service: Service): Comparison {
  const { maxClients } = service.stores.redis[role];
  const { perWorker, perPrimary } = REDIS_CONNECTIONS[role];
  const { workers } = service.gateway;
  const pods = gatewayPods(service);
  const perPod = workers * perWorker + perPrimary;
  const others = othersOf(role, service.stores.redis);
  const total = pods.value * perPod + others.value;
  return {
    path: `stores.redis.${role}.maxClients`,
    left: {
      value: total,
      text: `${pods.text} × (${counted(workers, 'worker')} × ${perWorker} + ${perPrimary} primary)${others.text} = ${total}`,
    },
    required: '<=',
    right: { value: maxClients, text: `${maxClients} maxClients` },
    unit: 'connections',
    fixes: [
      [`stores.redis.${role}.maxClients=${total}`],
      [`scaling.max=${Math.floor((maxClients - others.value) / perPod) - podsBeside(service)}`],
    ],
  };
}

/** Connections beside those of gateways, to a Redis that the environment runs. */
function othersOf(role: RedisRole, { kind, replicas, sentinels }: Service['stores']['redis']): Quantity {
  if (kind === 'external') return { value: 0, text: '' };
  const watching = {
    value: EXPORTER_CONNECTIONS + PROBE_CONNECTIONS,
    text: ` + ${EXPORTER_CONNECTIONS} exporter + ${PROBE_CONNECTIONS} probes`,
  };
  if (kind === 'single' || role === 'cache') return watching;
  const following = replicas - 1;
  return {
    value: watching.value + following + sentinels * SENTINEL_CONNECTIONS,
    text: `${watching.text} + ${following} that follow + ${counted(sentinels, 'Sentinel')} × ${SENTINEL_CONNECTIONS}`,
  };
}
