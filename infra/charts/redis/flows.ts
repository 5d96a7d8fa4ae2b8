import { REDIS_ROLES, REDIS_STORES, type Service } from '../../../service/definition/index.ts';
import type { Flow } from '../network/flow.ts';
import { REDIS_PORT, SENTINEL, SENTINEL_PORT } from './place.ts';

/** Who talks to Redis, and its pods and Sentinels to each other. */
export function redisFlows({ backend, redis }: Service['stores']): readonly Flow[] {
  if (backend !== 'redis') return [];
  if (redis.kind === 'external') {
    const { externalPort, externalSentinelPort: sentinels } = redis;
    const ports = sentinels === undefined ? [externalPort] : [externalPort, sentinels];
    return [{ from: 'gateway', to: 'outside', ports }];
  }
  return [
    ...REDIS_ROLES.map((role): Flow => ({ from: 'gateway', to: REDIS_STORES[role], ports: [REDIS_PORT] })),
    ...(redis.kind === 'replicated' ? REPLICATION : []),
  ];
}

const STATE = REDIS_STORES.state;

const REPLICATION: readonly Flow[] = [
  // Whoever follows connects to the primary, and each pod may become that.
  { from: STATE, to: STATE, ports: [REDIS_PORT] },
  // A pod that starts asks whom it is to follow; a primary that ends asks for another.
  { from: STATE, to: SENTINEL, ports: [SENTINEL_PORT] },
  { from: SENTINEL, to: STATE, ports: [REDIS_PORT] },
  { from: SENTINEL, to: SENTINEL, ports: [SENTINEL_PORT] },
  { from: 'gateway', to: SENTINEL, ports: [SENTINEL_PORT] },
];
