import { LANES, REDIS_ROLES, type Lane, type RedisRole, type Service } from '../../service/definition/index.ts';
import { podsAtOnce, podsBeside } from '../pods.ts';
import { compared, counted, type Comparison, type Quantity } from './comparison.ts';
import type { Invariant } from './finding.ts';

/**
 * Connections to Redis in each role that one process of a pod keeps open: a worker has one for commands, and for the
 * cache one that listens. Of a Redis Cluster each node has at most as many, since the one that listens is to any of
 * them, and for a moment one more of each process that asks which node has which keys; `maxClients` is then that of one
 * node. A server that has both roles needs the sum.
 */
export const REDIS_CONNECTIONS = {
  state: { perWorker: 1, perPrimary: 1 },
  cache: { perWorker: 2, perPrimary: 1 },
} as const satisfies Readonly<Record<RedisRole, object>>;

/** Connections of every pod that can exist at once fit what the stores accept. */
export const poolBudget: Invariant = {
  id: 'pool-budget',
  layers: ['autoscaler', 'rollout', 'gateway', 'Postgres', 'Redis'],
  reason:
    'The autoscaler and a rollout multiply every pool. At the peak, when both are at work, ' +
    'a store that is full refuses connections to the pods that were to help.',
  formula: 'pods at once × connections of a pod + reserved ≤ connections that Postgres accepts; the same for Redis',
  example: { settings: ['datastores.postgres.maxConnections=20'] },
  ...compared((service) => [postgres(service), ...redis(service)]),
};

function postgres(service: Service): Comparison {
  const { maxConnections, reserved, pools, overflow } = service.datastores.postgres;
  const { gateway } = service;
  const pods = podsOf(service);
  const kept = pools.critical + pools.background;
  const perPod = kept + overflow.critical + overflow.background;
  const total = pods.value * perPod + reserved;
  const affordablePods = Math.floor((maxConnections - reserved) / perPod);
  const affordable = Math.floor((maxConnections - reserved) / pods.value);
  const lanes = LANES.map((lane) => `${pools[lane]} + ${overflow[lane]} ${lane}`).join(' + ');
  return {
    path: 'datastores.postgres.maxConnections',
    left: {
      value: total,
      text: `${pods.text} × (${lanes}) = ${pods.value * perPod} + ${reserved} reserved = ${total}`,
    },
    required: '<=',
    right: { value: maxConnections, text: `${maxConnections} maxConnections` },
    unit: 'connections',
    fixes: [
      [`datastores.postgres.maxConnections=${total}`],
      [`scaling.max=${affordablePods - podsBeside(service)}`],
      affordable < kept
        ? [...inLanes('pools', affordable, pools, gateway.workers), ...inLanes('overflow', 0, overflow)]
        : inLanes('overflow', affordable - kept, overflow),
    ],
  };
}

function podsOf(service: Service): Quantity {
  const { scaling, rollout, release } = service;
  const value = podsAtOnce(service);
  return {
    value,
    text:
      `${scaling.max} HPA max + ${rollout.surge} surge + ${rollout.draining} draining ` +
      `+ ${release.baseline} baseline = ${value} pods`,
  };
}

/** So many connections of a pod, divided among the lanes as they are now; each lane keeps the least. */
function inLanes(
  field: 'pools' | 'overflow',
  connections: number,
  { critical, background }: Readonly<Record<Lane, number>>,
  least = 0,
): string[] {
  const share = Math.floor((connections * background) / Math.max(1, critical + background));
  const kept = Math.max(least, share);
  return [
    `datastores.postgres.${field}.critical=${connections - kept}`,
    `datastores.postgres.${field}.background=${kept}`,
  ];
}

function redis(service: Service): Comparison[] {
  if (service.stores.backend !== 'redis') return [];
  return REDIS_ROLES.map((role) => redisOf(role, service));
}

function redisOf(role: RedisRole, service: Service): Comparison {
  const { maxClients } = service.stores.redis[role];
  const { perWorker, perPrimary } = REDIS_CONNECTIONS[role];
  const { workers } = service.gateway;
  const pods = podsOf(service);
  const perPod = workers * perWorker + perPrimary;
  const total = pods.value * perPod;
  return {
    path: `stores.redis.${role}.maxClients`,
    left: {
      value: total,
      text: `${pods.text} × (${counted(workers, 'worker')} × ${perWorker} + ${perPrimary} primary) = ${total}`,
    },
    required: '<=',
    right: { value: maxClients, text: `${maxClients} maxClients` },
    unit: 'connections',
    fixes: [
      [`stores.redis.${role}.maxClients=${total}`],
      [`scaling.max=${Math.floor(maxClients / perPod) - podsBeside(service)}`],
    ],
  };
}
