import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { definition } from '../../service/definition/index.ts';
import { createRedisKeyValue } from '../../service/store/redis-key-value.ts';
import { createSessions } from '../../service/store/sessions.ts';
import { startAnsweringUpstream, type AnsweringUpstream } from '../support/answering-upstream.ts';
import { eventually } from '../support/eventually.ts';
import { ask } from '../support/gateway.ts';
import { startProgram, type GatewayProgram } from '../support/program.ts';
import { startCluster, type TestCluster } from '../support/redis-cluster.ts';
import { redisMissing } from '../support/redis.ts';

const missing = redisMissing();
if (missing !== undefined) console.warn(`skipped: the gateway over a Redis Cluster: ${missing}`);

const LIMIT = 20;
/** Longer than by default, so that a busy machine does not make a worker count alone. */
const COMMAND_TIMEOUT_MS = 250;
/** What a request may take while a node is lost: its calls of Redis, one after the other, and room. */
const BOUND_MS = 3 * COMMAND_TIMEOUT_MS + 500;
const OPS_TOKEN = 'a-token-of-this-test';

(missing === undefined ? describe : describe.skip)('two workers over a Redis Cluster', () => {
  let cluster: TestCluster;
  let upstream: AnsweringUpstream;
  let gateway: GatewayProgram;
  let asked = 0;
  let callers = 0;

  beforeAll(async () => {
    [cluster, upstream] = await Promise.all([startCluster(), startAnsweringUpstream()]);
    gateway = await startProgram({
      values: [
        'stores.redis.kind=external',
        'stores.redis.cluster=true',
        `stores.redis.commandTimeout=${COMMAND_TIMEOUT_MS}ms`,
        'limits.address=100000/s',
        `routes.search.limit=${LIMIT}/min`,
        'limits.global.bucket.capacity=100000',
      ],
      definition: (service) => ({ ...service, gateway: { ...service.gateway, trustedProxies: ['127.0.0.1'] } }),
      variables: {
        REDIS_URL: `redis://127.0.0.1:${cluster.seed.port}`,
        UPSTREAM_ORIGIN: upstream.origin,
        WORKERS: '2',
        OPS_TOKEN,
      },
    });
  }, 60_000);
  afterAll(async () => {
    await gateway.stop();
    await upstream.close();
    await cluster.stop();
  });

  beforeEach(healthy, 60_000);

  const search = (caller: string, query = `new-${asked++}`) =>
    ask(gateway.port, 'GET', `/v1/search?q=${query}`, { 'x-forwarded-for': caller });
  /** Callers that nobody has been; their limits are on all nodes. */
  const newCallers = (count: number) => Array.from({ length: count }, () => `10.0.${callers >> 8}.${callers++ & 255}`);
  const leftFor = async (caller: string) => {
    const { headers } = await search(caller);
    return Number(/"search";r=(\d+)/.exec(String(headers.ratelimit))?.[1]);
  };
  /** Both workers count in the cluster: what one request leaves is what the next begins with. */
  async function healthy(): Promise<void> {
    await eventually(
      async () => {
        for (const caller of newCallers(10)) {
          const left = [];
          for (let request = 0; request < 4; request++) left.push(await leftFor(caller));
          expect(left).toEqual([19, 18, 17, 16]);
        }
      },
      40_000,
      200,
    );
  }
  const flood = async (caller: string) => {
    const answers = await Promise.all(Array.from({ length: 3 * LIMIT }, () => search(caller)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status !== 200 && status !== 429)).toEqual([]);
    return statuses.filter((status) => status === 200).length;
  };

  test('admit together what a limit allows, and tell what is left as one', async () => {
    for (const caller of newCallers(4)) expect(await flood(caller)).toBe(LIMIT);
  });

  test('fetch once what either is asked for, and forget it together', async () => {
    const before = upstream.calls();
    const results = [];
    for (const caller of newCallers(8)) results.push((await search(caller, 'shared')).headers['x-cache']);
    expect(results).toEqual(['MISS', ...Array.from({ length: 7 }, () => 'HIT')]);
    expect(upstream.calls()).toBe(before + 1);
    const response = await fetch(`http://127.0.0.1:${gateway.opsPort}/admin/cache/invalidations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${OPS_TOKEN}` },
      body: '{"all":true}',
    });
    expect(response.status).toBeLessThan(300);
    await eventually(async () => {
      for (const caller of newCallers(4)) await search(caller, 'shared');
      expect(upstream.calls()).toBe(before + 2);
    });
    for (const caller of newCallers(8)) expect((await search(caller, 'shared')).headers['x-cache']).toBe('HIT');
    expect(upstream.calls()).toBe(before + 2);
  });

  test('know the sessions of many users, and none that there is not', async () => {
    const client = cluster.connect();
    try {
      const store = createRedisKeyValue(client, `${definition.dev.name}:`);
      const sessions = createSessions({ store, lifetimeMs: 60_000 });
      for (const owner of ['alice', 'bob', 'carol', 'dave', 'erin', 'frank']) {
        const { token } = await eventually(() => sessions.create(owner));
        const shown = { authorization: `Bearer ${token}` };
        for (let connection = 0; connection < 4; connection++) {
          const { status, text } = await ask(gateway.port, 'GET', '/session', shown);
          expect([status, text]).toEqual([200, expect.stringContaining(owner)]);
        }
      }
    } finally {
      client.disconnect();
    }
    const unknown = { authorization: `Bearer sls_${'x'.repeat(76)}` };
    expect((await ask(gateway.port, 'GET', '/session', unknown)).status).toBe(401);
  });

  test('tell in their health whether the cluster serves', async () => {
    const response = await fetch(`http://127.0.0.1:${gateway.opsPort}/healthz`);
    expect(await response.json()).toMatchObject({ dependencies: { redis: 'up' } });
  });

  test.each([
    ['gone', [0, 1, 2], (place: number) => cluster.kill(place), (place: number) => cluster.revive(place)],
    ['frozen', [1], (place: number) => cluster.freeze(place), (place: number) => cluster.thaw(place)],
  ])(
    'go on in time while a node is %s, say so once each, and count exactly again when it is back',
    async (_name, places, end, begin) => {
      for (const place of places) {
        const before = gateway.log().length;
        const said = (words: RegExp) => gateway.log().slice(before).match(words)?.length ?? 0;
        await end(place);
        try {
          for (const caller of newCallers(20)) {
            const startedAt = performance.now();
            expect((await search(caller)).status).toBe(200);
            expect(performance.now() - startedAt).toBeLessThan(BOUND_MS);
          }
          // What Redis admits, and then the share of each worker.
          for (const caller of newCallers(4)) expect(await flood(caller)).toBeLessThanOrEqual(2 * LIMIT);
          await eventually(() => expect(said(/does not answer/)).toBeGreaterThan(0));
        } finally {
          await begin(place);
        }
        await healthy();
        await eventually(() => expect(said(/redis at \S+ is back/g)).toBe(said(/redis at \S+ does not answer/g)));
        expect(said(/does not answer/g)).toBeLessThanOrEqual(2);
      }
      expect(await gateway.metric('gateway_worker_restarts_total')).toBe(0);
      expect(gateway.log()).not.toMatch(/unhandled|uncaught/i);
    },
    150_000,
  );
});
