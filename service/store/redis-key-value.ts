import type { Redis } from 'ioredis';
import type { BatchedKeyValueStore } from './key-value.ts';

/** A store in Redis; keys get the prefix, so that services can share one Redis. */
export function createRedisKeyValue(redis: Redis, prefix: string): BatchedKeyValueStore {
  return {
    async get(key) {
      return (await redis.getBuffer(prefix + key)) ?? undefined;
    },
    async set(key, value, lifetimeMs) {
      await redis.set(prefix + key, value, 'PX', wholeMs(lifetimeMs));
    },
    async delete(key) {
      await redis.del(prefix + key);
    },
    async getMany(keys) {
      // Not MGET: it needs all keys on one node of a cluster, and MSET knows no lifetimes.
      const pipeline = redis.pipeline();
      for (const key of keys) pipeline.getBuffer(prefix + key);
      return (await answersOf(pipeline.exec())).map((value) => (value as Buffer | null) ?? undefined);
    },
    async setMany(items) {
      const pipeline = redis.pipeline();
      for (const { key, value, lifetimeMs } of items) pipeline.set(prefix + key, value, 'PX', wholeMs(lifetimeMs));
      await answersOf(pipeline.exec());
    },
  };
}

async function answersOf(execution: Promise<[Error | null, unknown][] | null>): Promise<unknown[]> {
  return ((await execution) ?? []).map(([error, answer]) => {
    if (error) throw error;
    return answer;
  });
}

function wholeMs(lifetimeMs: number): number {
  return Math.max(1, Math.round(lifetimeMs));
}
