import { LANES, type Lane, type Service } from '../../service/definition/index.ts';
import { brokenComparisons, counted, type Comparison, type Quantity } from './comparison.ts';
import type { Invariant } from './finding.ts';

/**
 * Connections to Redis that one process of a pod keeps open: a worker has one for commands and one that listens. Of a
 * Redis Cluster each node has at most as many, since the one that listens is to any of them, and for a moment one more
 * of each process that asks which node has which keys; `maxClients` is then that of one node.
 */
export const REDIS_CONNECTIONS = { perWorker: 2, perPrimary: 1 } as const;

/** Connections of every pod that can exist at once fit what the stores accept. */
export const poolBudget: Invariant = {
  id: 'pool-budget',
  layers: ['autoscaler', 'rollout', 'gateway', 'Postgres', 'Redis'],
  reason:
    'The autoscaler and a rollout multiply every pool. At the peak, when both are at work, ' +
    'a store that is full refuses connections to the pods that were to help.',
  check: (service) => brokenComparisons([postgres(service), ...redis(service)]),
};

function postgres(service: Service): Comparison {
  const { maxConnections, reserved, pools, overflow } = service.datastores.postgres;
  const { rollout, gateway } = service;
  const pods = podsAtOnce(service);
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
      [`scaling.max=${affordablePods - rollout.surge - rollout.draining}`],
      affordable < kept
        ? [...inLanes('pools', affordable, pools, gateway.workers), ...inLanes('overflow', 0, overflow)]
        : inLanes('overflow', affordable - kept, overflow),
    ],
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
  const { maxClients } = service.stores.redis;
  const { rollout, gateway } = service;
  const { workers } = gateway;
  const pods = podsAtOnce(service);
  const perPod = workers * REDIS_CONNECTIONS.perWorker + REDIS_CONNECTIONS.perPrimary;
  const total = pods.value * perPod;
  return [
    {
      path: 'stores.redis.maxClients',
      left: {
        value: total,
        text: `${pods.text} × (${counted(workers, 'worker')} × ${REDIS_CONNECTIONS.perWorker} + ${REDIS_CONNECTIONS.perPrimary} primary) = ${total}`,
      },
      required: '<=',
      right: { value: maxClients, text: `${maxClients} maxClients` },
      unit: 'connections',
      fixes: [
        [`stores.redis.maxClients=${total}`],
        [`scaling.max=${Math.floor(maxClients / perPod) - rollout.surge - rollout.draining}`],
      ],
    },
  ];
}

/** Pods that can exist at once: never the wanted number alone, since a rollout at peak adds to it. */
function podsAtOnce({ scaling, rollout }: Service): Quantity {
  const value = scaling.max + rollout.surge + rollout.draining;
  return {
    value,
    text: `${scaling.max} HPA max + ${rollout.surge} surge + ${rollout.draining} draining = ${value} pods`,
  };
}
