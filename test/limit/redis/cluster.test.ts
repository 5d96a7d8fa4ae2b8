import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Cluster } from 'ioredis';
import {
  bucketPolicy,
  concurrencyPolicy,
  createRedisLimits,
  createSharedLimits,
  sumPolicy,
  windowPolicy,
  type ReservingStore,
  type LimitTrip,
} from '../../../service/limit/index.ts';
import { eventually } from '../../support/eventually.ts';
import { startCluster, type TestCluster } from '../../support/redis-cluster.ts';
import { redisMissing } from '../../support/redis.ts';

const missing = redisMissing();
const check = missing === undefined ? test : test.skip;
const HOUR_MS = 3_600_000;
const own = windowPolicy('own', 5, HOUR_MS);
const wide = windowPolicy('wide', 400, HOUR_MS);
const global = windowPolicy('global', 1_000, HOUR_MS, { scope: 'everyone' });

describe('limits in a Redis Cluster', () => {
  let cluster: TestCluster | undefined;
  let client: Cluster | undefined;
  let sequence = 0;
  const trips: LimitTrip[] = [];

  beforeAll(async () => {
    if (missing !== undefined) return;
    cluster = await startCluster();
    client = cluster.connect();
    await eventually(() => client?.ping());
  });
  afterAll(async () => {
    client?.disconnect();
    await cluster?.stop();
  });

  function create(mode: 'exact' | 'lease' = 'exact', prefix = `c${sequence++}:`): ReservingStore {
    if (!client) throw new Error('there is no cluster; the test should have been skipped');
    trips.length = 0;
    const redis = createRedisLimits(client, {
      prefix,
      nextId: () => `c${sequence++}`,
      timeoutMs: 5_000,
      cluster: true,
      onTrip: (trip) => trips.push(trip),
    });
    const lease = { tokens: 50, lifetimeMs: 60_000, hotFrom: 5 };
    return createSharedLimits({ store: redis, mode, lease, trackedCallers: 1_000, timeoutMs: 5_000, cluster: true });
  }
  const callers = Array.from({ length: 40 }, (_, caller) => `caller-${caller}`);

  check('hold many callers at the same time, on every node', async () => {
    const store = create();
    const verdicts = await Promise.all(
      callers.flatMap((caller) =>
        Array.from({ length: 8 }, async () =>
          store.take(caller, [own, wide, bucketPolicy('b', 100, 1, HOUR_MS), global]),
        ),
      ),
    );
    expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(40 * 5);
    const sizes = await Promise.all((client?.nodes('master') ?? []).map((node) => node.dbsize()));
    expect(sizes).toHaveLength(3);
    for (const size of sizes) expect(size).toBeGreaterThan(0);
  });

  check('hold everyone together, and take a token back when the caller’s limits deny', async () => {
    const store = create();
    const few = windowPolicy('few', 20, HOUR_MS, { scope: 'everyone' });
    let allowed = 0;
    for (let round = 0; round < 3; round++)
      for (const caller of callers) if ((await store.take(caller, [own, few])).allowed) allowed++;
    expect(allowed).toBe(20);

    const prefix = `c${sequence++}:`;
    const one = windowPolicy('one', 1, HOUR_MS);
    await create('exact', prefix).take('greedy', [one]);
    const another = create('exact', prefix);
    for (let request = 0; request < 30; request++)
      expect(await another.take('greedy', [one, few])).toMatchObject({ allowed: false, deniedBy: [0] });
    let left = 0;
    for (const caller of callers) if ((await another.take(caller, [one, few])).allowed) left++;
    expect(left).toBe(20);
  });

  check('ask for the limit of everyone seldom when there is load', async () => {
    const store = create();
    const many = windowPolicy('many', 10_000, HOUR_MS, { scope: 'everyone' });
    for (let round = 0; round < 20; round++)
      await Promise.all(callers.map(async (caller) => store.take(caller, [wide, many])));
    expect(trips.length).toBeLessThan(1.2 * 20 * callers.length);
  });

  check('lease to callers who ask often', async () => {
    const store = create('lease');
    let allowed = 0;
    for (let request = 0; request < 500; request++) if ((await store.take('hot', [wide, global])).allowed) allowed++;
    expect(allowed).toBe(400);
    expect(trips.length).toBeLessThan(100);
  });

  check('count requests in flight, and give them back', async () => {
    const store = create();
    const two = concurrencyPolicy('two', 2);
    const all = concurrencyPolicy('all', 3, { scope: 'everyone' });
    const first = await store.take('a', [two, all]);
    await store.take('a', [two, all]);
    expect(await store.take('a', [two, all])).toMatchObject({ allowed: false, deniedBy: [0] });
    first.release?.();
    await eventually(async () => expect((await store.take('b', [two, all])).allowed).toBe(true));
    await eventually(async () => expect((await store.take('c', [two, all])).allowed).toBe(true));
    expect(await store.take('d', [two, all])).toMatchObject({ allowed: false, deniedBy: [1] });
  });

  check('go on when every node forgets the script', async () => {
    const store = create();
    for (let round = 0; round < 3; round++) {
      const verdicts = await Promise.all(callers.map(async (caller) => store.take(caller, [own, global])));
      expect(verdicts.map(({ remaining }) => remaining[0])).toEqual(callers.map(() => 4 - round));
      await Promise.all((client?.nodes('master') ?? []).map((node) => node.script('FLUSH', 'SYNC')));
    }
  });

  check('reserve amounts of a caller and of everyone, or nothing of either', async () => {
    const store = create();
    const options = { lapseMs: HOUR_MS };
    const of = [
      sumPolicy('everyone', 100, HOUR_MS, { ...options, scope: 'everyone' }),
      sumPolicy('caller', 60, HOUR_MS, options),
    ];
    const first = await store.reserve('a', of, [50, 50]);
    expect(first).toMatchObject({ allowed: true, remaining: [50, 10], deniedBy: [] });
    // The caller's own limit denies what everyone's has room for, and the other way round.
    expect(await store.reserve('a', of, [40, 40])).toMatchObject({ allowed: false, deniedBy: [1] });
    expect(await store.reserve('b', of, [55, 55])).toMatchObject({ allowed: false, deniedBy: [0] });
    await eventually(async () => {
      const whole = await store.reserve('b', of, [50, 50]);
      whole.settle([20, 30]);
      expect(whole).toMatchObject({ allowed: true, remaining: [0, 10] });
    });
    first.settle([10, 15]);
    await eventually(async () => {
      const both = await Promise.all(['a', 'b'].map(async (caller) => store.reserve(caller, of, [1, 1])));
      for (const { settle } of both) settle([0, 0]);
      expect(both.map(({ remaining }) => remaining[1])).toEqual([44, 29]);
    });
  });
});
