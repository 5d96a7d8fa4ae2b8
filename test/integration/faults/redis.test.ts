import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { eventually } from '../../support/eventually.ts';
import { startFaultProxy, type FaultProxy } from '../../support/fault-proxy.ts';
import { ask } from '../../support/gateway.ts';
import { startProgram, type GatewayProgram } from '../../support/program.ts';
import { redisMissing, startRedis, type TestRedis } from '../../support/redis.ts';
import { startAnsweringUpstream, type AnsweringUpstream } from '../../support/answering-upstream.ts';

const missing = redisMissing();
if (missing !== undefined) console.warn(`skipped: faults of Redis: ${missing}`);

/** What a request may wait longer than usual while Redis is frozen: what is promised, and room for a busy machine. */
const PROMISED_MS = 60;
const ROOM_MS = 140;
const LIMIT = 20;

(missing === undefined ? describe : describe.skip)('while Redis fails', () => {
  let redis: TestRedis;
  let client: Redis;
  let proxy: FaultProxy;
  let upstream: AnsweringUpstream;
  let gateway: GatewayProgram;
  let asked = 0;
  let baseMemory = 0;

  beforeAll(async () => {
    [redis, upstream] = await Promise.all([startRedis(), startAnsweringUpstream()]);
    client = new Redis({ port: redis.port, password: redis.password });
    proxy = await startFaultProxy(redis.port);
    gateway = await startProgram({
      values: ['limits.address=100000/s', 'routes.search.limit=20/min', 'limits.global.bucket.capacity=100000'],
      variables: {
        REDIS_URL: `redis://:${redis.password}@127.0.0.1:${proxy.port}/0`,
        UPSTREAM_ORIGIN: upstream.origin,
        WORKERS: '2',
      },
    });
    await healthy();
    baseMemory = gateway.memory();
  });
  afterAll(async () => {
    client.disconnect();
    await gateway.stop();
    await Promise.all([proxy.close(), upstream.close()]);
    await redis.stop();
  });
  beforeEach(async () => {
    await client.flushall();
  });
  afterEach(async () => {
    proxy.set({ kind: 'none' });
    redis.thaw();
    await healthy();
    expect(await gateway.metric('gateway_worker_restarts_total')).toBe(0);
    expect(gateway.log()).not.toMatch(/unhandled|uncaught/i);
  });

  /** A search that no cache holds. */
  const search = () => ask(gateway.port, 'GET', `/v1/search?q=${asked++}`);
  const timed = async () => {
    const startedAt = performance.now();
    const { status } = await search();
    return { status, ms: performance.now() - startedAt };
  };
  /** Every worker shares limits in Redis: an answer's own count goes down with each other's. */
  async function healthy(): Promise<void> {
    await eventually(async () => {
      await client.flushall();
      const left = [];
      for (let request = 0; request < 4; request++) {
        const { headers, status } = await search();
        expect(status).toBe(200);
        left.push(/"search";r=(\d+)/.exec(String(headers.ratelimit))?.[1]);
      }
      expect(left).toEqual(['19', '18', '17', '16']);
    }, 20_000);
    await client.flushall();
  }
  const statusesOf = async (requests: number) => {
    const statuses = [];
    for (let request = 0; request < requests; request++) statuses.push(await timed());
    return statuses;
  };

  test.each([
    ['is refused', () => proxy.set({ kind: 'reset' })],
    ['is frozen', () => redis.freeze()],
    ['is black-holed', () => proxy.set({ kind: 'black-hole' })],
    ['takes 200 ms', () => proxy.set({ kind: 'delay', ms: 200 })],
  ])('and %s, requests go on, hardly later, and each limit holds by its policy', async (_name, breakIt) => {
    const usual = Math.max(...(await statusesOf(5)).map(({ ms }) => ms));
    breakIt();
    const during = await statusesOf(10);
    expect(during.map(({ status }) => status)).toEqual(during.map(() => 200));
    const times = during.map(({ ms }) => ms).sort((a, b) => a - b);
    expect(times[5]).toBeLessThan(usual + PROMISED_MS + ROOM_MS);
    expect(times.at(-1)).toBeLessThan(usual + PROMISED_MS + 2 * ROOM_MS);
    // Each of two workers admits its half at most.
    const flood = await statusesOf(3 * LIMIT);
    const admitted = [...during, ...flood].filter(({ status }) => status === 200).length;
    expect(admitted).toBeLessThanOrEqual(LIMIT + 2);
    expect(flood.filter(({ status }) => status === 429).length).toBeGreaterThan(LIMIT);
  });

  test('a session answers 503 with the time to wait, never 401, and is there again afterwards', async () => {
    redis.freeze();
    const headers = { authorization: 'Bearer sls_anything' };
    const answers = [];
    for (let request = 0; request < 5; request++) answers.push(await ask(gateway.port, 'GET', '/session', headers));
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
    redis.thaw();
    await eventually(async () => expect((await ask(gateway.port, 'GET', '/session', headers)).status).toBe(401));
  });

  test('its scripts are flushed and nobody notices', async () => {
    const before = await statusesOf(3);
    await client.script('FLUSH');
    const after = await statusesOf(LIMIT);
    const admitted = [...before, ...after].filter(({ status }) => status === 200).length;
    expect(admitted).toBe(LIMIT);
  });

  test('it restarts with an empty memory, and the limits begin anew', async () => {
    await statusesOf(LIMIT);
    expect((await search()).status).toBe(429);
    await client.flushall();
    proxy.lead(redis.port);
    await eventually(async () => expect((await search()).status).toBe(200), 65_000);
  });

  test('it is out of memory: requests go on by the local share', async () => {
    await client.config('SET', 'maxmemory', '1');
    try {
      const during = await statusesOf(5);
      expect(during.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    } finally {
      await client.config('SET', 'maxmemory', '0');
    }
  });

  test('it fails over to a replica: what was counted still counts', async () => {
    const replica = await startRedis();
    const other = new Redis({ port: replica.port, password: replica.password });
    try {
      await other.config('SET', 'masterauth', redis.password);
      await other.replicaof('127.0.0.1', String(redis.port));
      await eventually(async () => expect(await other.info('replication')).toContain('master_link_status:up'));
      for (let request = 0; request < LIMIT; request++) await search();
      await eventually(async () => expect(await other.dbsize()).toBe(await client.dbsize()));
      await other.replicaof('NO', 'ONE');
      proxy.lead(replica.port);
      await eventually(async () => {
        const { status, headers } = await ask(gateway.port, 'GET', '/v1/search?q=failed-over');
        expect([status, String(headers.ratelimit)]).toEqual([429, expect.stringContaining('"search";r=0')]);
      });
    } finally {
      other.disconnect();
      proxy.lead(redis.port);
      await replica.stop();
    }
  });

  test('memory returns to its base', async () => {
    redis.freeze();
    await Promise.all(Array.from({ length: 500 }, search));
    redis.thaw();
    await healthy();
    await eventually(() => expect(gateway.memory()).toBeLessThan(baseMemory + 80), 30_000);
  });
});
