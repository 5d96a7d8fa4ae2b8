import { describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import {
  bucketPolicy,
  concurrencyPolicy,
  createMemoryLimits,
  createSharedLimits,
  windowPolicy,
  withDownPolicy,
  sumPolicy,
  type LimitStore,
  type ReservingStore,
} from '../../service/limit/index.ts';
import { createBreaker } from '../../service/resilience/index.ts';
import { findFreePort } from '../../service/store/free-port.ts';
import { eventually } from '../support/eventually.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { redisLimits } from './stores.ts';

const MINUTE_MS = 60_000;
const check = redisMissing() === undefined ? test : test.skip;
const fail = () => Promise.reject(new Error('down'));
const refuse = () => {
  throw new Error('left alone');
};
const broken: ReservingStore = { take: fail, reserve: fail };
const refusing: ReservingStore = { take: refuse, reserve: refuse };

function down(processes = 1, shared = broken) {
  const errors: unknown[] = [];
  const local = createMemoryLimits({ trackedCallers: 100 });
  const store = withDownPolicy(shared, { local, processes, onUnchecked: (error) => errors.push(error) });
  return { store, errors };
}

async function admits(store: LimitStore, ...policies: Parameters<LimitStore['take']>[1]): Promise<number> {
  let admitted = 0;
  while (admitted < 50 && (await store.take('a', policies)).allowed) admitted++;
  return admitted;
}

describe('while the store is down, a limit', () => {
  test.each([
    ['window', windowPolicy('p', 12, MINUTE_MS)],
    ['large window', windowPolicy('p', 12, MINUTE_MS, { logUpTo: 1 })],
    ['bucket', bucketPolicy('p', 12, 1, MINUTE_MS)],
    ['limit of requests in flight', concurrencyPolicy('p', 12)],
  ])('that is local admits the share of this process: %s', async (_kind, policy) => {
    expect(await admits(down(1).store, policy)).toBe(12);
    expect(await admits(down(4).store, policy)).toBe(3);
    expect(await admits(down(100).store, policy)).toBe(1);
  });

  test('of amounts admits the share of this process, and of a larger amount the share', async () => {
    const { store } = down(4);
    const policy = sumPolicy('tokens', 400, MINUTE_MS, { lapseMs: MINUTE_MS });
    const first = await store.reserve('a', [policy], [60]);
    expect(first).toMatchObject({ allowed: true, remaining: [40] });
    expect(await store.reserve('a', [policy], [60])).toMatchObject({ allowed: false, remaining: [40], deniedBy: [0] });
    first.settle([10]);
    expect(await store.reserve('b', [policy], [300])).toMatchObject({ allowed: true, remaining: [0] });
    expect(await store.reserve('a', [policy], [60])).toMatchObject({ allowed: true, remaining: [30] });
  });

  test('that is local follows a count that moves', async () => {
    const count = { value: 4 };
    const { store } = down(2);
    const policy = { ...windowPolicy('p', 4, MINUTE_MS), count };
    expect(await admits(store, policy)).toBe(2);
    count.value = 10;
    expect(await admits(store, policy)).toBe(3);
  });

  test('that is open admits everything, and says nothing of what is left', async () => {
    const { store } = down();
    const open = windowPolicy('open', 1, MINUTE_MS, { whenStoreDown: 'open' });
    const local = windowPolicy('local', 3, MINUTE_MS);
    expect(await store.take('a', [open, local])).toMatchObject({ allowed: true, remaining: [undefined, 2] });
    expect(await admits(store, open, local)).toBe(2);
    expect(await store.take('a', [open, local])).toMatchObject({ allowed: false, deniedBy: [1], unavailable: false });
  });

  test('that is closed denies everything as unavailable, and nothing is charged', async () => {
    const { store } = down();
    const closed = windowPolicy('closed', 100, MINUTE_MS, { whenStoreDown: 'closed' });
    const local = windowPolicy('local', 3, MINUTE_MS);
    expect(await store.take('a', [local, closed])).toMatchObject({
      allowed: false,
      deniedBy: [1],
      unavailable: true,
    });
    expect(await admits(store, local)).toBe(3);
  });

  test('in shadow denies nothing, whatever its policy', async () => {
    const { store } = down();
    for (const whenStoreDown of ['local', 'open', 'closed'] as const)
      expect(await admits(store, windowPolicy(whenStoreDown, 1, MINUTE_MS, { whenStoreDown, shadow: true }))).toBe(50);
  });

  test('is decided at once where the store refuses at once', () => {
    const { store, errors } = down(1, refusing);
    const verdict = store.take('a', [windowPolicy('p', 1, MINUTE_MS)]);
    expect(verdict).toMatchObject({ allowed: true });
    expect(errors).toHaveLength(1);
  });
});

describe('while Redis is down, limits of every policy hold', () => {
  const policies = [
    windowPolicy('local', 8, MINUTE_MS),
    windowPolicy('open', 1, MINUTE_MS, { whenStoreDown: 'open' }),
    concurrencyPolicy('flight', 100),
  ];
  const closed = windowPolicy('closed', 100, MINUTE_MS, { whenStoreDown: 'closed' });

  function connect(port: number, password: string) {
    const redis = new Redis({
      port,
      password,
      commandTimeout: 50,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => 100,
    });
    redis.on('error', () => undefined);
    const breaker = createBreaker({
      name: 'redis',
      settings: {
        consecutiveFailures: 5,
        open: '500ms',
        probes: 1,
        failureRate: '50%',
        slowCall: '50ms',
        slowRate: '80%',
        window: '10s',
        minimumCalls: 20,
      },
    });
    const shared = createSharedLimits({
      store: redisLimits(redis, { timeoutMs: 50, breaker }),
      mode: 'exact',
      lease: { tokens: 100, lifetimeMs: 1_000, hotFrom: 50 },
      trackedCallers: 100,
    });
    const local = createMemoryLimits({ trackedCallers: 100 });
    return { redis, breaker, store: withDownPolicy(shared, { local, processes: 4 }) };
  }

  /** Asks one by one, as a client that waits for each answer does. */
  async function ask(store: LimitStore, count: number) {
    let admitted = 0;
    let longestMs = 0;
    for (let request = 0; request < count; request++) {
      const startedAt = performance.now();
      if ((await store.take('a', policies)).allowed) admitted++;
      longestMs = Math.max(longestMs, performance.now() - startedAt);
    }
    return { admitted, longestMs };
  }

  check('frozen: nobody waits longer than one command, and after a few nobody waits at all', async () => {
    const server = await startRedis();
    const { redis, breaker, store } = connect(server.port, server.password);
    try {
      await eventually(() => redis.ping());
      await store.take('b', policies);
      server.freeze();
      const first = await ask(store, 10);
      expect(first.admitted).toBe(2);
      expect(first.longestMs).toBeLessThan(150);
      expect(breaker.state).toBe('open');
      const verdict = store.take('a', policies);
      expect(verdict).not.toBeInstanceOf(Promise);
      expect(await store.take('a', [closed])).toMatchObject({ allowed: false, unavailable: true });
      server.thaw();
      await eventually(async () => {
        await store.take('c', policies);
        expect(breaker.state).toBe('closed');
      });
      expect((await ask(store, 20)).admitted).toBeLessThanOrEqual(8);
    } finally {
      redis.disconnect();
      await server.stop();
    }
  });

  check('refused: nobody waits', async () => {
    const { redis, store } = connect(await findFreePort(), 'none');
    try {
      const { admitted, longestMs } = await ask(store, 20);
      expect(admitted).toBe(2);
      expect(longestMs).toBeLessThan(100);
      expect(await store.take('a', [closed])).toMatchObject({ allowed: false, unavailable: true });
    } finally {
      redis.disconnect();
    }
  });
});
