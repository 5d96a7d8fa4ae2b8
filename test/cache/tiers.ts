import { Redis } from 'ioredis';
import {
  createMemorySharedTier,
  createRedisSharedTier,
  ResponseCache,
  type CacheEntry,
  type ResponseCacheOptions,
  type SharedTier,
} from '../../service/cache/index.ts';
import { connectSubscriber } from '../../service/store/redis-subscriber.ts';
import { connectRedis, whenReady, type RedisAddress } from '../../service/store/redis.ts';
import { localLink } from '../support/stores.ts';

/** An entry that is fresh for a minute, unless told otherwise. */
export function entryOf(text: string, fields: Partial<CacheEntry> = {}): CacheEntry {
  const storedAt = fields.storedAt ?? Date.now();
  return {
    status: 200,
    headers: ['content-type', 'text/plain'],
    body: Buffer.from(text),
    storedAt,
    expiresAt: storedAt + 60_000,
    ...fields,
  };
}

/** A cache with little memory that fails the test on an error of the shared tier. */
export function cacheOver(shared: SharedTier, options: Partial<ResponseCacheOptions> = {}): ResponseCache {
  return new ResponseCache({
    shared,
    maxBytes: 100_000,
    onError: (error) => {
      throw error;
    },
    ...options,
  });
}

/** One more process's view of the same shared tier, as often as it is called. */
export type Shared = { view(): SharedTier; close(): void };

/** In this process: all views are one. */
export function memoryShared(): Shared {
  const tier = createMemorySharedTier({ maxBytes: 1 << 20 });
  return { view: () => tier, close: () => undefined };
}

/** Over the link to a primary: all workers of one primary. */
export function linkShared(): Shared {
  const { cache } = localLink();
  return { view: () => cache, close: () => undefined };
}

/** In a real Redis: each view has connections of its own. */
export function redisShared(client: Redis, prefix: string): Shared {
  const connections: Redis[] = [];
  const connect = (): Redis => {
    const connection = client.duplicate();
    connection.on('error', () => undefined);
    connections.push(connection);
    return connection;
  };
  return {
    view: () => createRedisSharedTier({ redis: connect(), subscriber: connect(), prefix, onError: () => undefined }),
    close: () => connections.forEach((connection) => connection.disconnect()),
  };
}

/** In a real Redis Cluster: each view has connections of its own, and no call goes out before they are made. */
export function clusterShared(address: RedisAddress, prefix: string): Shared {
  const closers: (() => void)[] = [];
  const view = (): SharedTier => {
    const redis = connectRedis({ address, cluster: true, commandTimeoutMs: 5_000, onStateChange: () => undefined });
    const subscriber = connectSubscriber({ address, commandTimeoutMs: 5_000, redis });
    closers.push(
      () => redis.disconnect(),
      () => subscriber.disconnect(),
    );
    const ready = whenReady(redis);
    const tier = createRedisSharedTier({ redis, subscriber, prefix, onError: () => undefined });
    return {
      ...tier,
      values: after(ready, tier.values),
      leases: after(ready, tier.leases),
      journal: after(ready, tier.journal),
    };
  };
  return { view, close: () => closers.forEach((close) => close()) };
}

/** The same calls, made when something else has happened. */
function after<T extends object>(event: Promise<void>, calls: T): T {
  type Call = (...values: readonly unknown[]) => Promise<unknown>;
  const each = Object.entries(calls as Record<string, Call>).map(([name, call]): [string, Call] => [
    name,
    (...values) => event.then(() => call(...values)),
  ]);
  return Object.fromEntries(each) as T;
}
