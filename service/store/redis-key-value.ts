import { Cluster } from 'ioredis';
import type { BatchedKeyValueStore } from './key-value.ts';
import type { RedisConnection } from './redis.ts';

/**
 * A store in Redis; keys get the prefix, so that services can share one Redis. In a cluster each key is a command of
 * its own: many may be on as many nodes, and a pipeline goes to one.
 */
export function createRedisKeyValue(redis: RedisConnection, prefix: string): BatchedKeyValueStore {
  const get: BatchedKeyValueStore['get'] = async (key) => (await redis.getBuffer(prefix + key)) ?? undefined;
  const set: BatchedKeyValueStore['set'] = async (key, value, lifetimeMs) => {
    await redis.set(prefix + key, value, 'PX', wholeMs(lifetimeMs));
  };
  return {
    get,
    set,
    async delete(key) {
      await redis.del(prefix + key);
    },
    async getMany(keys) {
      if (redis instanceof Cluster) return Promise.all(keys.map((key) => get(key)));
      // Not MGET and MSET: the latter knows no lifetimes.
      const pipeline = redis.pipeline();
      for (const key of keys) pipeline.getBuffer(prefix + key);
      return (await answersOf(pipeline.exec())).map((value) => (value as Buffer | null) ?? undefined);
    },
    async setMany(items) {
      if (redis instanceof Cluster) {
        await Promise.all(items.map(({ key, value, lifetimeMs }) => set(key, value, lifetimeMs)));
        return;
      }
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
