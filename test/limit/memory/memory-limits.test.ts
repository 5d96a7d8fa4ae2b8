import { describe, expect, test } from '@jest/globals';
import { bucketPolicy, concurrencyPolicy, createMemoryLimits, windowPolicy } from '../../../service/limit/index.ts';

const three = windowPolicy('three', 3, 60_000);

describe('limits in memory', () => {
  test('charge more in advance as far as there is room, and nothing where a limit denies', () => {
    const store = createMemoryLimits({ trackedCallers: 10 });
    const policies = [windowPolicy('ten', 10, 60_000), windowPolicy('two', 2, 60_000, { shadow: true }), three];
    const ask = (...extras: number[]) => store.ask({ caller: 'a', policies, extras });
    expect(ask(4, 9, 0)).toMatchObject({ allowed: true, remaining: [5, 0, 2], extras: [4, 1, 0] });
    expect(ask(0, 9, 1)).toMatchObject({ allowed: true, remaining: [4, 0, 0], extras: [0, 0, 1], shadowed: [1] });
    expect(ask(3, 0, 3)).toMatchObject({ allowed: false, remaining: [4, 0, 0], extras: [0, 0, 0], deniedBy: [2] });
  });

  test('never tell more than the window, however large the time', () => {
    for (const now of [0.1, 123_456.789, 9_876_543.21, 4_503_599_627.370_497]) {
      const store = createMemoryLimits({ trackedCallers: 1, now: () => now });
      expect(store.take('a', [three]).resetMs).toEqual([60_000]);
    }
  });

  test('track so many callers of each limit and no more, however many come', () => {
    const store = createMemoryLimits({ trackedCallers: 10_000 });
    const policies = [
      three,
      windowPolicy('counter', 1_000, 3_600_000),
      bucketPolicy('bucket', 3, 1, 3_600_000),
      windowPolicy('global', 1_000_000, 3_600_000, { scope: 'everyone' }),
    ];
    for (let caller = 0; caller < 100_000; caller++) store.take(`caller-${caller}`, policies);
    // A limit of one that only tells shows who is known; every tenth caller is asked for, the last one first.
    for (const policy of policies.filter(({ scope }) => scope === 'caller')) {
      const one = [{ ...policy, count: { value: 1 }, shadow: true }];
      let known = 0;
      for (let caller = 99_990; caller >= 0; caller -= 10)
        if (store.take(`caller-${caller}`, one).shadowed.length > 0) known++;
      expect(known).toBeGreaterThan(400);
      expect(known).toBeLessThanOrEqual(1_000);
    }
  });

  test('forget the caller that was seen longest ago when there are too many', () => {
    const store = createMemoryLimits({ trackedCallers: 2 });
    for (const caller of ['a', 'b', 'c']) store.take(caller, [three]);
    expect(store.take('a', [three]).remaining).toEqual([2]);
  });

  test('never forget a request in flight, however many callers come', () => {
    const store = createMemoryLimits({ trackedCallers: 2 });
    const one = concurrencyPolicy('one', 1);
    const held = store.take('a', [one]);
    const others = Array.from({ length: 100 }, (_, caller) => store.take(`caller-${caller}`, [one]));
    expect(store.take('a', [one]).allowed).toBe(false);
    for (const { release } of [held, ...others]) release?.();
    expect(store.take('a', [one]).allowed).toBe(true);
  });
});
