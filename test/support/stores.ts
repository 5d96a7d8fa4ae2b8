import { afterAll, beforeAll } from '@jest/globals';
import { Redis } from 'ioredis';
import { createLocalStores } from '../../service/gateway/processes/local-stores.ts';
import { createPrimaryLink, type PrimaryLink } from '../../service/gateway/processes/primary-link.ts';
import { connectRedis, whenReady, type RedisConnection } from '../../service/store/redis.ts';
import { startCluster, type TestCluster } from './redis-cluster.ts';
import { redisMissing, startRedis, type TestRedis } from './redis.ts';

/** A link whose primary is in this process: the same calls, without a process between. */
export function localLink(): PrimaryLink {
  const stores = createLocalStores({
    trackedCallers: 1000,
    maxBytes: 1 << 20,
    tellWorkers: (message) => link.hear(message),
  });
  const link = createPrimaryLink((message) => {
    if (message.type !== 'calls') return;
    void Promise.all(message.calls.map(async ({ id, call }) => ({ id, answer: await stores(call) }))).then(
      link.receive,
    );
  });
  return link;
}

/** One Redis for all tests of a file; `missing` says why there is none, which is printed once. */
export function useRedis(what: string): { readonly missing: string | undefined; readonly client: () => Redis } {
  const missing = redisMissing();
  let server: TestRedis | undefined;
  let client: Redis | undefined;
  beforeAll(async () => {
    if (missing !== undefined) {
      console.warn(`skipped: ${what}: ${missing}`);
      return;
    }
    server = await startRedis();
    client = new Redis({ port: server.port, password: server.password });
  });
  afterAll(async () => {
    client?.disconnect();
    await server?.stop();
  });
  return {
    missing,
    client() {
      if (!client) throw new Error('there is no Redis; the test should have been skipped');
      return client;
    },
  };
}

/** One Redis Cluster for all tests of a file, with a connection as the service has it; it may be without a Redis. */
export function useRedisCluster(): {
  readonly cluster: () => TestCluster;
  readonly clusterClient: () => RedisConnection;
} {
  let cluster: TestCluster | undefined;
  let client: RedisConnection | undefined;
  beforeAll(async () => {
    if (redisMissing() !== undefined) return;
    cluster = await startCluster();
    client = connectRedis({
      address: cluster.seed,
      cluster: true,
      commandTimeoutMs: 5_000,
      onStateChange: () => undefined,
    });
    await whenReady(client);
  }, 30_000);
  afterAll(async () => {
    client?.disconnect();
    await cluster?.stop();
  });
  const started = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('there is no Redis Cluster; the test should have been skipped');
    return value;
  };
  return { cluster: () => started(cluster), clusterClient: () => started(client) };
}
