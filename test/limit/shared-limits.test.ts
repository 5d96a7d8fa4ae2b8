import { describe, expect, test } from '@jest/globals';
import {
  concurrencyPolicy,
  createMemoryLimits,
  createSharedLimits,
  waitMs,
  windowPolicy,
  bucketPolicy,
  type LimitPolicy,
  type LimitTrip,
} from '../../service/limit/index.ts';
import { useRedis } from '../support/stores.ts';
import { redisLimits } from './stores.ts';

const { missing, client } = useRedis('shared limits in Redis');
const check = missing === undefined ? test : test.skip;
const HOUR_MS = 3_600_000;
let sequence = 0;

/** A process of its own to the others with the same prefix, with a clock that the test moves. */
function createProcess(mode: 'exact' | 'lease', prefix = `s${sequence++}:`) {
  const trips: LimitTrip[] = [];
  let time = 1_000_000;
  const redis = redisLimits(client(), { prefix, onTrip: (trip) => trips.push(trip) });
  const store = createSharedLimits({
    store: redis,
    mode,
    lease: { tokens: 20, lifetimeMs: 1_000, hotFrom: 5 },
    trackedCallers: 100,
    now: () => time,
  });
  const take = async (caller: string, policies: readonly LimitPolicy[]) => store.take(caller, policies);
  return { store, take, trips, wait: (ms: number) => (time += ms) };
}

describe('who is over a limit', () => {
  const two = windowPolicy('two', 2, HOUR_MS);
  const other = windowPolicy('other', 50, HOUR_MS);

  check('costs no further trip until the wait is over, and is told the time that is left', async () => {
    const { take, trips, wait } = createProcess('exact');
    for (let request = 0; request < 3; request++) await take('a', [other, two]);
    expect(trips).toHaveLength(3);
    wait(60_000);
    const denied = await take('a', [other, two]);
    expect(denied).toMatchObject({ allowed: false, deniedBy: [1], remaining: [undefined, 0] });
    expect(waitMs(denied)).toBeLessThanOrEqual(HOUR_MS - 60_000);
    expect(waitMs(denied)).toBeGreaterThan(HOUR_MS - 65_000);
    expect(trips).toHaveLength(3);
    wait(HOUR_MS);
    await take('a', [other, two]);
    expect(trips).toHaveLength(4);
  });

  check('may go on where that limit does not apply', async () => {
    const { take } = createProcess('exact');
    for (let request = 0; request < 3; request++) await take('a', [other, two]);
    expect(await take('a', [other])).toMatchObject({ allowed: true, remaining: [47] });
    expect(await take('b', [other, two])).toMatchObject({ allowed: true });
  });

  check('is asked for again once the limit has grown', async () => {
    const { take } = createProcess('exact');
    const count = { value: 2 };
    const growing = { ...two, count };
    for (let request = 0; request < 3; request++) await take('a', [growing]);
    count.value = 3;
    expect((await take('a', [growing])).allowed).toBe(true);
  });

  check('is not remembered for requests in flight, which may end at any time', async () => {
    const { take } = createProcess('exact');
    const one = concurrencyPolicy('one', 1);
    const held = await take('a', [one]);
    expect((await take('a', [one])).allowed).toBe(false);
    held.release?.();
    expect((await take('a', [one])).allowed).toBe(true);
  });
});

describe('leases', () => {
  const wide = windowPolicy('wide', 100, HOUR_MS);
  const global = bucketPolicy('global', 1_000, 1, HOUR_MS, { scope: 'everyone' });

  check('are taken for callers who ask often, and not for others', async () => {
    const { take, trips } = createProcess('lease');
    for (let request = 0; request < 4; request++) await take('cold', [wide, global]);
    expect(trips).toHaveLength(4);
    for (let request = 0; request < 60; request++) await take('hot', [wide, global]);
    expect(trips.length).toBeLessThan(20);
  });

  check('decide without a promise while their tokens last', async () => {
    const { take, store } = createProcess('lease');
    for (let request = 0; request < 5; request++) await take('hot', [wide]);
    const verdict = store.take('hot', [wide]);
    expect(verdict).not.toBeInstanceOf(Promise);
    expect(verdict).toMatchObject({ allowed: true, remaining: [94] });
  });

  test('are filled up before they are used: nobody waits while the store has enough', async () => {
    const memory = createMemoryLimits({ trackedCallers: 10 });
    let trips = 0;
    const store = createSharedLimits({
      store: {
        async ask(request) {
          trips++;
          await new Promise((resolve) => setImmediate(resolve));
          return memory.ask(request);
        },
      },
      mode: 'lease',
      lease: { tokens: 20, lifetimeMs: 60_000, hotFrom: 5 },
      trackedCallers: 10,
    });
    const policies = [
      windowPolicy('many', 10_000, HOUR_MS),
      { ...windowPolicy('all', 900, HOUR_MS), scope: 'everyone' },
    ];
    const waited: number[] = [];
    const left: (number | undefined)[] = [];
    for (let request = 0; request < 400; request++) {
      const verdict = store.take('hot', policies as LimitPolicy[]);
      if (verdict instanceof Promise) waited.push(request);
      left.push((await verdict).remaining[1]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(waited).toEqual([0, 1, 2, 3, 4]);
    expect(trips).toBeLessThan(60);
    expect(left).toEqual(Array.from({ length: 400 }, (_, place) => 899 - place));
  });

  check('admit no more than the limit of one process alone, and all of it', async () => {
    const { take } = createProcess('lease');
    const verdicts = [];
    for (let request = 0; request < 150; request++) verdicts.push(await take('hot', [wide, global]));
    expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(100);
    expect(verdicts.slice(0, 100).map(({ remaining }) => remaining[0])).toEqual(
      Array.from({ length: 100 }, (_, place) => 99 - place),
    );
  });

  check('admit no more than the limit to requests at the same time', async () => {
    const { take } = createProcess('lease');
    const verdicts = await Promise.all(Array.from({ length: 200 }, () => take('hot', [wide, global])));
    const admitted = verdicts.filter(({ allowed }) => allowed).length;
    // Those that ask while a lease is on its way do not wait for it.
    expect(admitted).toBeGreaterThanOrEqual(90);
    let later = 0;
    for (let request = 0; request < 20; request++) if ((await take('hot', [wide])).allowed) later++;
    expect(admitted + later).toBe(100);
  });

  check('are a tenth of a limit at most', async () => {
    const prefix = `s${sequence++}:`;
    const first = createProcess('lease', prefix);
    const second = createProcess('lease', prefix);
    for (let request = 0; request < 6; request++) await first.take('hot', [wide]);
    const { remaining } = await second.take('hot', [wide]);
    expect(100 - 1 - (remaining[0] ?? 0)).toBeLessThanOrEqual(6 + 10);
  });

  check('lapse, and what was not used is not used later', async () => {
    const { take, trips, wait } = createProcess('lease');
    for (let request = 0; request < 6; request++) await take('hot', [wide]);
    const before = trips.length;
    wait(5_000);
    const verdict = await take('hot', [wide]);
    expect(trips).toHaveLength(before + 1);
    expect(verdict.remaining[0]).toBeLessThan(94);
  });

  check('keep their token where another limit denies', async () => {
    const { take } = createProcess('lease');
    const small = windowPolicy('small', 6, HOUR_MS);
    for (let request = 0; request < 30; request++) await take('hot', [wide, small]);
    expect((await take('hot', [wide])).remaining).toEqual([100 - 6 - 1]);
  });

  check('never stand in for requests in flight', async () => {
    const { take } = createProcess('lease');
    const two = concurrencyPolicy('two', 2);
    const verdicts = [];
    for (let request = 0; request < 20; request++) verdicts.push(await take('hot', [wide, two]));
    expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(2);
  });
});
