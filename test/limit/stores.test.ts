import { describe, expect, test } from '@jest/globals';
import { bucketPolicy, concurrencyPolicy, waitMs, windowPolicy, type LimitPolicy } from '../../service/limit/index.ts';
import { eventually } from '../support/eventually.ts';
import { useRedis } from '../support/stores.ts';
import { testedStores } from './stores.ts';

const { missing, client } = useRedis('limits in Redis');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const three: Readonly<Record<string, LimitPolicy>> = {
  log: windowPolicy('log', 3, HOUR_MS),
  counter: windowPolicy('counter', 3, DAY_MS, { logUpTo: 0 }),
  bucket: bucketPolicy('bucket', 3, 1, HOUR_MS),
  'requests in flight': concurrencyPolicy('flight', 3),
};
const ten = windowPolicy('ten', 10, HOUR_MS);

describe.each(testedStores(client))('limits in %s', (_name, create, needsRedis) => {
  const check = needsRedis && missing !== undefined ? test.skip : test;

  describe.each(Object.entries(three))('of kind %s', (_kind, policy) => {
    check('admit so many at once and no more, to each caller', async () => {
      const store = create();
      const take = async (caller: string) => store.take(caller, [policy]);
      const verdicts = [];
      for (let request = 0; request < 5; request++) verdicts.push(await take('a'));
      expect(verdicts.map(({ allowed }) => allowed)).toEqual([true, true, true, false, false]);
      expect(verdicts.map(({ remaining }) => remaining[0])).toEqual([2, 1, 0, 0, verdicts[4]?.remaining[0]]);
      expect(verdicts[3]?.deniedBy).toEqual([0]);
      expect((await take('b')).allowed).toBe(true);
    });

    check('never admit more to callers at the same time', async () => {
      const store = create();
      const verdicts = await Promise.all(Array.from({ length: 50 }, async () => store.take('a', [policy])));
      expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(3);
    });

    check('count everyone together where the limit is everyone’s', async () => {
      const store = create();
      const shared = { ...policy, scope: 'everyone' as const };
      const allowed = [];
      for (const caller of ['a', 'b', 'c', 'd', 'e']) allowed.push((await store.take(caller, [shared])).allowed);
      expect(allowed).toEqual([true, true, true, false, false]);
    });

    check('in shadow tell what they would have denied, and deny nothing', async () => {
      const store = create();
      const shadow = { ...policy, shadow: true };
      const verdicts = [];
      for (let request = 0; request < 5; request++) verdicts.push(await store.take('a', [shadow, ten]));
      expect(verdicts.map(({ allowed }) => allowed)).toEqual([true, true, true, true, true]);
      expect(verdicts.map(({ shadowed }) => shadowed)).toEqual([[], [], [], [0], [0]]);
      expect(verdicts.flatMap(({ deniedBy }) => deniedBy)).toEqual([]);
    });

    check('follow a count that is moved, up and down', async () => {
      const store = create();
      const count = { value: 1 };
      const moved = { ...policy, count };
      const take = async () => (await store.take('a', [moved])).allowed;
      expect([await take(), await take()]).toEqual([true, false]);
      count.value = 2;
      expect([await take(), await take()]).toEqual([true, false]);
      count.value = 1;
      expect(await take()).toBe(false);
    });
  });

  check('tell what is left and when there will be more', async () => {
    const verdict = await create().take('a', [
      windowPolicy('log', 3, 60_000),
      bucketPolicy('bucket', 5, 10, 60_000),
      windowPolicy('counter', 200, DAY_MS),
    ]);
    expect(verdict.remaining).toEqual([2, 4, 199]);
    expect(verdict.resetMs[0]).toBe(60_000);
    expect(verdict.resetMs[1]).toBe(6_000);
    expect(verdict.resetMs[2]).toBeGreaterThan(0);
    expect(verdict.resetMs[2]).toBeLessThanOrEqual(2 * DAY_MS);
  });

  check('tell a denied caller to wait for the limit that denied', async () => {
    const store = create();
    const small = windowPolicy('small', 1, 60_000);
    await store.take('a', [small]);
    const denied = await store.take('a', [ten, small]);
    expect(denied).toMatchObject({ allowed: false, deniedBy: [1], unavailable: false });
    expect(waitMs(denied)).toBeGreaterThan(50_000);
    expect(waitMs(denied)).toBeLessThanOrEqual(60_000);
  });

  check('wait longer where a count fell below what is used', async () => {
    const store = create();
    const count = { value: 3 };
    const falling = { ...windowPolicy('falling', 3, 60_000), count };
    for (let request = 0; request < 3; request++) await store.take('a', [falling]);
    count.value = 1;
    const denied = await store.take('a', [falling]);
    expect(denied).toMatchObject({ allowed: false, remaining: [0] });
    expect(waitMs(denied)).toBeGreaterThan(50_000);
  });

  check.each([
    ['log', windowPolicy('short', 2, 300)],
    ['counter', windowPolicy('short', 2, 300, { logUpTo: 0 })],
    ['bucket', bucketPolicy('short', 2, 2, 300)],
  ])('admit again when the wait of a %s that was told is over', async (_kind, policy) => {
    const store = create();
    while ((await store.take('a', [policy])).allowed);
    const denied = await store.take('a', [policy]);
    const over = performance.now() + waitMs(denied);
    await eventually(
      () => {
        if (performance.now() < over) throw new Error('the wait is not over');
      },
      5_000,
      1,
    );
    expect((await store.take('a', [policy])).allowed).toBe(true);
  });

  check('give back what is in flight when it is over, once', async () => {
    const store = create();
    const one = concurrencyPolicy('one', 1);
    const first = await store.take('a', [one, ten]);
    expect(await store.take('a', [one, ten])).toMatchObject({ allowed: false, deniedBy: [0] });
    first.release?.();
    await eventually(async () => {
      const second = await store.take('a', [one, ten]);
      expect(second.allowed).toBe(true);
      first.release?.();
      expect((await store.take('a', [one, ten])).allowed).toBe(false);
      second.release?.();
    });
  });

  check('have nothing to give back for a request that was denied', async () => {
    const store = create();
    const none = windowPolicy('none', 1, HOUR_MS);
    const one = concurrencyPolicy('one', 1);
    await store.take('a', [none]);
    const denied = await store.take('a', [one, none]);
    expect(denied).toMatchObject({ allowed: false, release: undefined });
    expect((await store.take('a', [one])).allowed).toBe(true);
  });
});
