import { Client } from 'pg';
import { Cluster } from 'ioredis';
import type { Config } from '../../config.ts';
import { laneAddress } from '../../store/postgres.ts';
import { connectRedis, type RedisAddress, type RedisConnection } from '../../store/redis.ts';

/** Whether a dependency answers; unused: this configuration has none. */
export type DependencyState = 'up' | 'down' | 'unused';

/** The datastores as the primary sees them. */
export type Dependencies = {
  states(): Promise<Readonly<Record<string, DependencyState>>>;
  close(): Promise<void>;
};

const PING_TIMEOUT_MS = 2_000;

/** Tells on demand which datastores answer. */
export function watchDependencies(config: Config): Dependencies {
  const { databaseUrl } = config;
  const connect = (address: RedisAddress | undefined): RedisConnection | undefined =>
    address &&
    connectRedis({
      address,
      cluster: config.service.stores.redis.cluster,
      commandTimeoutMs: PING_TIMEOUT_MS,
      onStateChange: () => undefined,
    });
  const redis = connect(config.redis);
  const redisCache = connect(config.redisCache);
  // By the way that requests take.
  const asked = databaseUrl === undefined ? undefined : laneAddress(databaseUrl, config.databasePooler, 'critical');
  let asking: Promise<Readonly<Record<string, DependencyState>>> | undefined;
  const ask = async (): Promise<Readonly<Record<string, DependencyState>>> => {
    const [postgres, state, cache] = await Promise.all([pingPostgres(asked), pingRedis(redis), pingRedis(redisCache)]);
    asking = undefined;
    return { postgres, redis: state, 'redis-cache': cache };
  };
  return {
    // All who ask at the same time share one connection: health must not take those that requests need.
    states: () => (asking ??= ask()),
    close() {
      redis?.disconnect();
      redisCache?.disconnect();
      return Promise.resolve();
    },
  };
}

async function pingPostgres(connectionString: string | undefined): Promise<DependencyState> {
  if (connectionString === undefined) return 'unused';
  const client = new Client({
    connectionString,
    connectionTimeoutMillis: PING_TIMEOUT_MS,
    query_timeout: PING_TIMEOUT_MS,
  });
  try {
    await client.connect();
    await client.query('SELECT 1');
    return 'up';
  } catch {
    // The state is the answer; the reason stands in the log of whatever needed the database.
    return 'down';
  } finally {
    void client.end();
  }
}

/** A cluster is up while it serves every key, as its nodes have agreed. */
async function pingRedis(redis: RedisConnection | undefined): Promise<DependencyState> {
  if (!redis) return 'unused';
  try {
    if (!(redis instanceof Cluster)) await redis.ping();
    else if (!(await redis.cluster('INFO')).includes('cluster_state:ok')) return 'down';
    return 'up';
  } catch {
    // The state is the answer; the reason stands in the workers' log.
    return 'down';
  }
}
