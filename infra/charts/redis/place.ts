import { REDIS_STORES, type RedisRole, type Service } from '../../../service/definition/index.ts';
import { SENTINEL_PORT } from '../../../service/store/redis-address.ts';

export { SENTINEL_PORT };

/** Port of Redis in its pod and its Service. */
export const REDIS_PORT = 6379;

/** The program that decides which pod of the state is the primary. */
export const SENTINEL = 'redis-sentinel';

/** What the Sentinels call the pods of the state together. */
export const REDIS_GROUP = 'state';

type Redis = Pick<Service['stores']['redis'], 'kind' | 'replicas' | 'sentinels'>;

/** Names of the pods of the replicated state. They stay while pods and their addresses come and go. */
export function statePods({ replicas }: Pick<Redis, 'replicas'>): readonly string[] {
  return podsOf(REDIS_STORES.state, replicas);
}

/** Names of the pods of the Sentinels. */
export function sentinelPods({ sentinels }: Pick<Redis, 'sentinels'>): readonly string[] {
  return podsOf(SENTINEL, sentinels);
}

/** The address of a role of Redis that this environment runs, for a password that needs no escape. */
export function redisUrl(redis: Redis, role: RedisRole, password: string): string {
  if (redis.kind !== 'replicated' || role !== 'state')
    return `redis://:${password}@${REDIS_STORES[role]}:${REDIS_PORT}`;
  const sentinels = sentinelPods(redis).map((name) => `${name}:${SENTINEL_PORT}`);
  return `redis-sentinel://:${password}@${sentinels.join(',')}/0#${REDIS_GROUP}`;
}

/** A pod by its own name and that of the Service that gives it the name. */
function podsOf(component: string, pods: number): string[] {
  return Array.from({ length: pods }, (_, place) => `${component}-${place}.${component}`);
}
