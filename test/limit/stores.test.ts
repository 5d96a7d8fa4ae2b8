import { describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import {
  createMemoryLimits,
  createRedisLimits,
  retryAfterMs,
  withLocalFallback,
  type LimitPolicy,
  type LimitStore,
} from '../../service/limit/index.ts';
import { eventually } from '../support/eventually.ts';
import { startRedis } from '../support/redis.ts';
import { localLink, useRedis } from '../support/stores.ts';

const three: LimitPolicy = { name: 'three', limit: 3, windowMs: 60_000 };
const ten: LimitPolicy = { name: 'ten', limit: 10, windowMs: 60_000 };
const short: LimitPolicy = { name: 'short', limit: 2, windowMs: 300 };

const { missing, client } = useRedis('limits in Redis');
let sequence = 0;

function redisLimits(): LimitStore {
  return createRedisLimits(client(), { prefix: `test${sequence++}:`, nextId: () => String(sequence++) });
}

const implementations: readonly [name: string, create: () => LimitStore, needsRedis: boolean][] = [
  ['memory', () => createMemoryLimits({ trackedCallers: 1000 }), false],
  ['the primary', () => localLink().limits, false],
  ['redis', redisLimits, true],
];

describe.each(implementations)('limits in %s', (_name, create, needsRedis) => {
  const check = needsRedis && missing !== undefined ? test.skip : test;

  check('admit exactly the limit in a window, to each caller', async () => {
    const store = create();
    const allowed = [];
    for (let request = 0; request < 5; request++)
      allowed.push((await store.take([{ key: 'a', policy: three }])).allowed);
    expect(allowed).toEqual([true, true, true, false, false]);
    expect((await store.take([{ key: 'b', policy: three }])).allowed).toBe(true);
  });

  check('tell what is left and when there will be more', async () => {
    const store = create();
    const first = await store.take([{ key: 'a', policy: three }]);
    expect(first.remaining).toEqual([2]);
    expect(first.resetMs[0]).toBeGreaterThan(59_000);
    expect(first.resetMs[0]).toBeLessThanOrEqual(60_000);
  });

  check('charge no limit when one of them denies', async () => {
    const store = create();
    const both = [
      { key: 'a', policy: ten },
      { key: 'a', policy: three },
    ];
    for (let request = 0; request < 8; request++) await store.take(both);
    const after = await store.take([{ key: 'a', policy: ten }]);
    expect(after.remaining).toEqual([6]);
  });

  check('tell a denied caller to wait for the limit that denied', async () => {
    const store = create();
    for (let request = 0; request < 3; request++) await store.take([{ key: 'a', policy: three }]);
    const denied = await store.take([
      { key: 'a', policy: ten },
      { key: 'a', policy: three },
    ]);
    expect(denied.allowed).toBe(false);
    expect(denied.remaining[1]).toBe(0);
    expect(retryAfterMs(denied)).toBeGreaterThan(50_000);
  });

  check('admit again once the window has passed', async () => {
    const store = create();
    for (let request = 0; request < 2; request++) await store.take([{ key: 'a', policy: short }]);
    expect((await store.take([{ key: 'a', policy: short }])).allowed).toBe(false);
    await eventually(async () => expect((await store.take([{ key: 'a', policy: short }])).allowed).toBe(true), 5_000);
  });

  check('never admit more than the limit to callers at the same time', async () => {
    const store = create();
    const verdicts = await Promise.all(Array.from({ length: 50 }, async () => store.take([{ key: 'a', policy: ten }])));
    expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(10);
  });
});

describe('limits in memory', () => {
  test('admit at most the limit in every window, whatever the arrival times', () => {
    let now = 0;
    const store = createMemoryLimits({ trackedCallers: 10, now: () => now });
    const policy = { name: 'p', limit: 20, windowMs: 1_000 };
    const admitted: number[] = [];
    let seed = 42;
    for (let request = 0; request < 5_000; request++) {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      now += seed % 60;
      const verdict = store.take([{ key: 'a', policy }]);
      if (!(verdict instanceof Promise) && verdict.allowed) admitted.push(now);
    }
    const most = Math.max(
      ...admitted.map((from) => admitted.filter((time) => time >= from && time < from + 1_000).length),
    );
    expect(most).toBe(20);
  });

  test('never tell more than the window, however large the time', () => {
    for (const now of [0.1, 123_456.789, 9_876_543.21, 4_503_599_627.370_497]) {
      const verdict = createMemoryLimits({ trackedCallers: 1, now: () => now }).take([{ key: 'a', policy: three }]);
      expect(verdict).toMatchObject({ resetMs: [60_000] });
    }
  });

  test('forget the caller that was seen longest ago when there are too many', () => {
    const store = createMemoryLimits({ trackedCallers: 2 });
    const take = (key: string) => store.take([{ key, policy: three }]);
    for (const key of ['a', 'b', 'c']) expect(take(key)).toMatchObject({ allowed: true });
    expect(take('a')).toMatchObject({ remaining: [2] });
  });
});

describe('limits whose shared store fails', () => {
  const check = missing === undefined ? test : test.skip;

  check('go on counting in this process, within the time of one command', async () => {
    const own = await startRedis();
    const client = new Redis({
      port: own.port,
      password: own.password,
      commandTimeout: 50,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
    });
    client.on('error', () => undefined);
    try {
      await eventually(() => client.ping());
      let errors = 0;
      const shared = createRedisLimits(client, { prefix: 'x:', nextId: () => String(sequence++) });
      const store = withLocalFallback(shared, createMemoryLimits({ trackedCallers: 10 }), () => errors++);
      own.freeze();
      const verdicts = [];
      for (let request = 0; request < 4; request++)
        verdicts.push((await store.take([{ key: 'a', policy: three }])).allowed);
      expect(verdicts).toEqual([true, true, true, false]);
      expect(errors).toBe(4);
    } finally {
      client.disconnect();
      await own.stop();
    }
  });
});
