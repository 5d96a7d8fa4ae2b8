import { REDIS_ROLES, REDIS_STORES, type Service } from '../../../service/definition/index.ts';
import { REDIS_PORT, statePods } from './place.ts';

/** A server of Redis that its exporter is asked about. */
export type RedisTarget = {
  /** The label `store` of what it tells: in which role. */
  readonly store: string;
  /** The label `instance`: which of the servers in that role. */
  readonly instance: string;
  readonly address: string;
};

/** Every server of Redis that an environment runs. */
export function redisTargets({ redis }: Service['stores']): readonly RedisTarget[] {
  return REDIS_ROLES.flatMap((role) => {
    const store = REDIS_STORES[role];
    const servers = role === 'state' && redis.kind === 'replicated' ? statePods(redis) : [store];
    return servers.map((instance) => ({ store, instance, address: `redis://${instance}:${REDIS_PORT}` }));
  });
}
