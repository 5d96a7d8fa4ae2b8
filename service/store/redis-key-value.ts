import type { Redis } from 'ioredis';
import type { KeyValueStore } from './key-value.ts';

/** A store in Redis; keys get the prefix, so that services can share one Redis. */
export function createRedisKeyValue(redis: Redis, prefix: string): KeyValueStore {
  return {
    async get(key) {
      return (await redis.getBuffer(prefix + key)) ?? undefined;
    },
    async set(key, value, lifetimeMs) {
      await redis.set(prefix + key, value, 'PX', Math.max(1, Math.round(lifetimeMs)));
    },
    async delete(key) {
      await redis.del(prefix + key);
    },
  };
}
