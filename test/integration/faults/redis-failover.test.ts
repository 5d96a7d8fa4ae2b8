import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRedisKeyValue } from '../../../service/store/redis-key-value.ts';
import { connectRedis, whenReady } from '../../../service/store/redis.ts';
import { createSessions } from '../../../service/store/sessions.ts';
import { startAnsweringUpstream, type AnsweringUpstream } from '../../support/answering-upstream.ts';
import { eventually } from '../../support/eventually.ts';
import { ask } from '../../support/gateway.ts';
import { believeForwarded, newCaller, startProgram, type GatewayProgram } from '../../support/program.ts';
import { startSentinels, type TestSentinels } from '../../support/redis-sentinel.ts';
import { redisMissing } from '../../support/redis.ts';

const missing = redisMissing();
if (missing !== undefined) console.warn(`skipped: a failover of Redis: ${missing}`);

const LIMIT = 20;
/** As in a cluster: a server that is silent for so long counts as lost. */
const DOWN_AFTER_MS = 5_000;
/** What is promised with that is 20 s; twice that on a busy machine. */
const FAILOVER_MS = 40_000;
/** What a request may take meanwhile, beside an answer of the upstream. */
const BOUND_MS = 1_500;

(missing === undefined ? describe : describe.skip)('when the primary of Redis is', () => {
  let sentinels: TestSentinels;
  let upstream: AnsweringUpstream;
  let gateway: GatewayProgram;
  let session: Readonly<Record<string, string>>;
  let asked = 0;

  beforeAll(async () => {
    [sentinels, upstream] = await Promise.all([
      startSentinels({ downAfterMs: DOWN_AFTER_MS }),
      startAnsweringUpstream(),
    ]);
    const redis = connectRedis({
      address: sentinels.address,
      commandTimeoutMs: 5_000,
      onStateChange: () => undefined,
    });
    await whenReady(redis);
    const sessions = createSessions({ store: createRedisKeyValue(redis, 'sluice:'), lifetimeMs: 3_600_000 });
    session = { authorization: `Bearer ${(await sessions.create('alice')).token}` };
    redis.disconnect();
    gateway = await startProgram({
      values: [
        'limits.address=100000/s',
        'limits.key=100000/s',
        'limits.global.bucket.capacity=100000',
        `routes.search.limit=${LIMIT}/min`,
        // A busy machine is not to make a worker count alone.
        'stores.redis.commandTimeout=250ms',
      ],
      definition: believeForwarded,
      variables: { REDIS_URL: sentinels.url, UPSTREAM_ORIGIN: upstream.origin, WORKERS: '2' },
    });
  }, 90_000);
  afterAll(async () => {
    await gateway.stop();
    await upstream.close();
    await sentinels.stop();
  });

  const search = (caller: Readonly<Record<string, string>>) =>
    ask(gateway.port, 'GET', `/v1/search?q=new-${asked++}`, caller);
  const readSession = () => ask(gateway.port, 'GET', '/session', session);
  /** Both workers count in Redis: together they admit what the limit is. */
  const limitsAreShared = async (): Promise<void> => {
    const caller = newCaller();
    const statuses = [];
    for (let request = 0; request < LIMIT + 5; request++) statuses.push((await search(caller)).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(LIMIT);
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
  };

  test.each<[how: string, lose: (port: number) => void | Promise<void>, back: (port: number) => void]>([
    ['killed', (port) => sentinels.kill(port), () => undefined],
    ['frozen', (port) => sentinels.freeze(port), (port) => sentinels.thaw(port)],
  ])(
    '%s, every request is answered meanwhile, and then limits and sessions go on as they were',
    async (_, lose, back) => {
      await eventually(limitsAreShared, FAILOVER_MS);
      expect((await readSession()).status).toBe(200);
      const old = await sentinels.primary();
      await lose(old);
      const lostAt = performance.now();
      try {
        while ((await readSession()).status !== 200) {
          expect(performance.now() - lostAt).toBeLessThan(FAILOVER_MS);
          const startedAt = performance.now();
          expect((await search(newCaller())).status).toBe(200);
          expect(performance.now() - startedAt).toBeLessThan(BOUND_MS);
        }
        await eventually(limitsAreShared, FAILOVER_MS);
        expect(await sentinels.primary()).not.toBe(old);
        expect((await readSession()).status).toBe(200);
      } finally {
        back(old);
        await sentinels.revive(old);
      }
      expect(gateway.log()).toContain('a Sentinel of state, does not answer');
      expect(await gateway.metric('gateway_worker_restarts_total')).toBe(0);
      expect(gateway.log()).not.toMatch(/unhandled|uncaught/i);
    },
    150_000,
  );
});
