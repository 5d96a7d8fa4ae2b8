import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { definition } from '../../../service/definition/index.ts';
import { createRedisKeyValue } from '../../../service/store/redis-key-value.ts';
import { createSessions } from '../../../service/store/sessions.ts';
import { startAnsweringUpstream, type AnsweringUpstream } from '../../support/answering-upstream.ts';
import { eventually } from '../../support/eventually.ts';
import { ask } from '../../support/gateway.ts';
import { believeForwarded, newCaller, startProgram, type GatewayProgram } from '../../support/program.ts';
import { redisMissing, startRedis, type TestRedis } from '../../support/redis.ts';

const missing = redisMissing();
if (missing !== undefined) console.warn(`skipped: Redis in two roles: ${missing}`);

const LIMIT = 20;
const VALUES = [
  'scaling.min=1',
  'limits.address=100000/s',
  'limits.key=100000/s',
  'limits.global.bucket.capacity=100000',
  `routes.search.limit=${LIMIT}/min`,
];

(missing === undefined ? describe : describe.skip)('with a Redis for each role', () => {
  let state: TestRedis;
  let cache: TestRedis;
  let stateClient: Redis;
  let cacheClient: Redis;
  let upstream: AnsweringUpstream;
  let gateways: readonly [GatewayProgram, GatewayProgram];
  let session: Readonly<Record<string, string>>;
  let asked = 0;

  beforeAll(async () => {
    [state, cache, upstream] = await Promise.all([startRedis(), startRedis(), startAnsweringUpstream()]);
    stateClient = new Redis({ port: state.port, password: state.password });
    cacheClient = new Redis({ port: cache.port, password: cache.password });
    const variables = {
      REDIS_URL: `redis://:${state.password}@127.0.0.1:${state.port}`,
      REDIS_CACHE_URL: `redis://:${cache.password}@127.0.0.1:${cache.port}`,
      UPSTREAM_ORIGIN: upstream.origin,
      WORKERS: '1',
    };
    const start = () => startProgram({ values: VALUES, definition: believeForwarded, variables });
    // One after the other: two at once may find the same port free.
    gateways = [await start(), await start()];
    const sessions = createSessions({ store: createRedisKeyValue(stateClient, 'sluice:'), lifetimeMs: 3_600_000 });
    session = { authorization: `Bearer ${(await sessions.create('alice')).token}` };
    await healthy();
  }, 90_000);
  afterAll(async () => {
    stateClient.disconnect();
    cacheClient.disconnect();
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await upstream.close();
    await Promise.all([state.stop(), cache.stop()]);
  });
  afterEach(async () => {
    state.thaw();
    cache.thaw();
    await healthy();
  });

  const gateway = (): GatewayProgram => gateways[0];
  const search = (at: GatewayProgram, query: string, caller: Readonly<Record<string, string>> = newCaller()) =>
    ask(at.port, 'GET', `/v1/search?q=${query}`, caller);
  const readSession = () => ask(gateway().port, 'GET', '/session', session);
  const newQuery = (): string => `new-${asked++}`;
  const health = async () =>
    (JSON.parse((await ask(gateway().opsPort, 'GET', '/healthz')).text) as { dependencies: object }).dependencies;
  /** What two gateways admit one caller together. */
  const admittedTogether = async (): Promise<number> => {
    const caller = newCaller();
    let admitted = 0;
    for (let request = 0; request < LIMIT; request++)
      for (const each of gateways) if ((await search(each, newQuery(), caller)).status === 200) admitted++;
    return admitted;
  };
  const isShared = async (): Promise<void> => {
    const query = newQuery();
    await search(gateways[0], query);
    await eventually(async () => expect((await search(gateways[1], query)).headers['x-cache']).toBe('HIT'));
  };
  async function healthy(): Promise<void> {
    await eventually(async () => {
      expect((await readSession()).status).toBe(200);
      expect(await health()).toMatchObject({ redis: 'up', 'redis-cache': 'up' });
      const query = newQuery();
      await search(gateways[0], query);
      expect((await search(gateways[1], query)).headers['x-cache']).toBe('HIT');
    }, 20_000);
  }

  test('each holds what is of its role', async () => {
    await isShared();
    const keys = async (client: Redis) => (await client.keys('*')).map((key) => key.split(':').slice(0, 2).join(':'));
    expect(new Set(await keys(cacheClient))).toEqual(new Set(['sluice:cache', 'sluice:{journal}']));
    const kept = await keys(stateClient);
    expect(kept.some((key) => key === 'sluice:limit')).toBe(true);
    expect(kept.filter((key) => key === 'sluice:cache' || key === 'sluice:{journal}')).toEqual([]);
  });

  test('a frozen cache touches neither limits nor sessions', async () => {
    const errors = () => gateway().metric('gateway_store_errors_total', 'store="redis"');
    const before = await errors();
    const opened = await gateway().metric('gateway_breaker_transitions_total', 'breaker="redis-cache",state="open"');
    cache.freeze();

    expect(await admittedTogether()).toBe(LIMIT);
    for (let request = 0; request < 5; request++) expect((await readSession()).status).toBe(200);
    await eventually(async () =>
      expect(
        await gateway().metric('gateway_breaker_transitions_total', 'breaker="redis-cache",state="open"'),
      ).toBeGreaterThan(opened),
    );
    expect(await gateway().metric('gateway_breaker_transitions_total', 'breaker="redis",state="open"')).toBe(0);
    expect(await errors()).toBe(before);
    expect(await gateway().metric('gateway_store_errors_total', 'store="redis-cache"')).toBeGreaterThan(0);
    expect(await health()).toMatchObject({ redis: 'up', 'redis-cache': 'down' });
    expect(gateway().log()).toContain('redis-cache');
  });

  test('a frozen state touches no cache', async () => {
    state.freeze();
    expect((await readSession()).status).toBe(503);
    await isShared();
    expect(await health()).toMatchObject({ redis: 'down', 'redis-cache': 'up' });
    const errors = await gateway().metric('gateway_store_errors_total', 'store="redis"');
    expect(errors).toBeGreaterThan(0);
  });

  test('a cache that is filled until it evicts signs nobody out and forgets no count', async () => {
    const { evictionPolicy } = definition.prod.stores.redis.cache;
    const caller = newCaller();
    for (let request = 0; request < LIMIT - 1; request++) await search(gateway(), newQuery(), caller);
    const used = Number(/used_memory:(\d+)/.exec(await cacheClient.info('memory'))?.[1]);
    await cacheClient.config('SET', 'maxmemory', String(used + 1_000_000));
    await cacheClient.config('SET', 'maxmemory-policy', evictionPolicy);
    try {
      const filler = createRedisKeyValue(cacheClient, 'sluice:cache:');
      for (let key = 0; key < 100; key++) await filler.set(`filler-${key}`, Buffer.alloc(50_000), 600_000);
      expect(Number(/evicted_keys:(\d+)/.exec(await cacheClient.info('stats'))?.[1])).toBeGreaterThan(0);

      expect((await readSession()).status).toBe(200);
      expect((await search(gateway(), newQuery(), caller)).status).toBe(200);
      expect((await search(gateway(), newQuery(), caller)).status).toBe(429);
      await isShared();
      expect(/evicted_keys:(\d+)/.exec(await stateClient.info('stats'))?.[1]).toBe('0');
    } finally {
      await cacheClient.config('SET', 'maxmemory', '0');
    }
  });
});
