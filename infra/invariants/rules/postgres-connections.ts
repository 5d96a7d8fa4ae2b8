import {
  DEFAULT_POOLER,
  LANES,
  type Lane,
  type PoolerSettings,
  type Service,
} from '../../../service/definition/index.ts';
import { podsAtOnce, podsBeside, surgeOf, withdrawnText } from '../../pods.ts';
import type { Comparison, Quantity } from '../comparison.ts';

const AT = 'datastores.postgres';

/**
 * Beside its pools, the connection by which a pod asks how Postgres is, for a moment. Postgres itself has room for
 * those in what is reserved; a pooler reserves nothing.
 */
const HEALTH = 1;

/** The connections of all gateways to Postgres, or to the pooler and from there. */
export function postgresConnections(service: Service): readonly Comparison[] {
  const { pooler } = service.datastores.postgres;
  return pooler ? [toPooler(service, pooler), fromPooler(service, pooler)] : [direct(service)];
}

/** Pods of the gateway that can exist at once, and how they come about. */
export function gatewayPods(service: Service): Quantity {
  const { scaling, rollout, release } = service;
  const value = podsAtOnce(service);
  return {
    value,
    text:
      `${scaling.max} HPA max + ${surgeOf(service)} surge${release.restoreSurge > rollout.surge ? ' of a restore' : ''} ` +
      `+ ${rollout.draining} draining + ${release.baseline} baseline${withdrawnText(service)} = ${value} pods`,
  };
}

function direct(service: Service): Comparison {
  const { maxConnections, reserved, pools, overflow } = service.datastores.postgres;
  const { gateway } = service;
  const pods = gatewayPods(service);
  const kept = pools.critical + pools.background;
  const perPod = perPodOf(service);
  const total = pods.value * perPod + reserved;
  const affordablePods = Math.floor((maxConnections - reserved) / perPod);
  const affordable = Math.floor((maxConnections - reserved) / pods.value);
  return {
    path: `${AT}.maxConnections`,
    left: {
      value: total,
      text: `${pods.text} × (${lanesOf(service)}) = ${pods.value * perPod} + ${reserved} reserved = ${total}`,
    },
    required: '<=',
    right: { value: maxConnections, text: `${maxConnections} maxConnections` },
    unit: 'connections',
    fixes: [
      [`${AT}.maxConnections=${total}`],
      [`scaling.max=${affordablePods - podsBeside(service)}`],
      affordable < kept
        ? [...inLanes('pools', affordable, pools, gateway.workers), ...inLanes('overflow', 0, overflow)]
        : inLanes('overflow', affordable - kept, overflow),
      poolerWouldDo(service) ? [`${AT}.pooler.replicas=${DEFAULT_POOLER.replicas}`] : undefined,
    ],
  };
}

/** Any pod of the pooler can be the only one that is left. */
function toPooler(service: Service, { maxClientConnections }: PoolerSettings): Comparison {
  const pods = gatewayPods(service);
  const perPod = perPodOf(service) + HEALTH;
  const total = pods.value * perPod;
  return {
    path: `${AT}.pooler.maxClientConnections`,
    left: { value: total, text: `${pods.text} × (${lanesOf(service)} + ${HEALTH} health) = ${total}` },
    required: '<=',
    right: { value: maxClientConnections, text: `${maxClientConnections} maxClientConnections of one pooler` },
    unit: 'connections',
    fixes: [
      [`${AT}.pooler.maxClientConnections=${total}`],
      [`scaling.max=${Math.floor(maxClientConnections / perPod) - podsBeside(service)}`],
    ],
  };
}

/** While poolers are replaced each has a successor beside it, with connections of its own. */
function fromPooler(service: Service, { replicas, connections }: PoolerSettings): Comparison {
  const { maxConnections, reserved } = service.datastores.postgres;
  const each = connections.critical + connections.background;
  const total = pooledTotal({ replicas, connections }, reserved);
  const affordable = Math.floor((maxConnections - reserved) / (2 * replicas));
  const background = Math.max(1, Math.floor((affordable * connections.background) / each));
  return {
    path: `${AT}.maxConnections`,
    left: {
      value: total,
      text:
        `2 × ${replicas} poolers × (${connections.critical} critical + ${connections.background} background) ` +
        `= ${2 * replicas * each} + ${reserved} reserved = ${total}`,
    },
    required: '<=',
    right: { value: maxConnections, text: `${maxConnections} maxConnections` },
    unit: 'connections',
    fixes: [
      [`${AT}.maxConnections=${total}`],
      affordable < 2
        ? undefined
        : [
            `${AT}.pooler.connections.critical=${affordable - background}`,
            `${AT}.pooler.connections.background=${background}`,
          ],
    ],
  };
}

function poolerWouldDo(service: Service): boolean {
  const { kind, maxConnections, reserved } = service.datastores.postgres;
  const clients = podsAtOnce(service) * (perPodOf(service) + HEALTH);
  return (
    kind !== 'external' &&
    pooledTotal(DEFAULT_POOLER, reserved) <= maxConnections &&
    clients <= DEFAULT_POOLER.maxClientConnections
  );
}

function pooledTotal({ replicas, connections }: Pick<PoolerSettings, 'replicas' | 'connections'>, reserved: number) {
  return 2 * replicas * (connections.critical + connections.background) + reserved;
}

function perPodOf({ datastores }: Service): number {
  const { pools, overflow } = datastores.postgres;
  return pools.critical + pools.background + overflow.critical + overflow.background;
}

function lanesOf({ datastores }: Service): string {
  const { pools, overflow } = datastores.postgres;
  return LANES.map((lane) => `${pools[lane]} + ${overflow[lane]} ${lane}`).join(' + ');
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
  return [`${AT}.${field}.critical=${connections - kept}`, `${AT}.${field}.background=${kept}`];
}
