import type { Service } from '../../service/definition/index.ts';
import { brokenComparisons, counted, type Comparison, type Quantity } from './comparison.ts';
import type { Invariant } from './finding.ts';

/** Connections to Redis that one process of a pod keeps open. */
export const REDIS_CONNECTIONS = { perWorker: 1, perPrimary: 1 } as const;

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
  const { maxConnections, reserved, pools } = service.datastores.postgres;
  const { rollout, gateway } = service;
  const pods = podsAtOnce(service);
  const perPod = pools.critical + pools.background;
  const total = pods.value * perPod + reserved;
  const affordablePods = Math.floor((maxConnections - reserved) / perPod);
  const affordablePerPod = Math.floor((maxConnections - reserved) / pods.value);
  const background = Math.max(gateway.workers, Math.floor((affordablePerPod * pools.background) / perPod));
  return {
    path: 'datastores.postgres.maxConnections',
    left: {
      value: total,
      text:
        `${pods.text} × (${pools.critical} critical + ${pools.background} background) ` +
        `= ${pods.value * perPod} + ${reserved} reserved = ${total}`,
    },
    required: '<=',
    right: { value: maxConnections, text: `${maxConnections} maxConnections` },
    unit: 'connections',
    fixes: [
      [`datastores.postgres.maxConnections=${total}`],
      [`scaling.max=${affordablePods - rollout.surge - rollout.draining}`],
      [
        `datastores.postgres.pools.critical=${affordablePerPod - background}`,
        `datastores.postgres.pools.background=${background}`,
      ],
    ],
  };
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
