import { describe, expect, test } from '@jest/globals';
import { bucketPolicy, concurrencyPolicy, createMemoryLimits, windowPolicy } from '../../../service/limit/index.ts';
import type { LimitPolicy, LimitVerdict } from '../../../service/limit/index.ts';

const three = windowPolicy('three', 3, 60_000);

function take(
  store: ReturnType<typeof createMemoryLimits>,
  caller: string,
  policies: readonly LimitPolicy[],
): LimitVerdict {
  const verdict = store.take(caller, policies);
  if (verdict instanceof Promise) throw new Error('memory does not wait');
  return verdict;
}

describe('limits in memory', () => {
  test('never tell more than the window, however large the time', () => {
    for (const now of [0.1, 123_456.789, 9_876_543.21, 4_503_599_627.370_497])
      expect(take(createMemoryLimits({ trackedCallers: 1, now: () => now }), 'a', [three]).resetMs).toEqual([60_000]);
  });

  test('track so many callers of each limit and no more, however many come', () => {
    const store = createMemoryLimits({ trackedCallers: 10_000 });
    const policies = [
      three,
      windowPolicy('counter', 1_000, 3_600_000),
      bucketPolicy('bucket', 3, 1, 3_600_000),
      windowPolicy('global', 1_000_000, 3_600_000, { scope: 'everyone' }),
    ];
    for (let caller = 0; caller < 100_000; caller++) take(store, `caller-${caller}`, policies);
    // A limit of one that only tells shows who is known; every tenth caller is asked for, the last one first.
    for (const policy of policies.filter(({ scope }) => scope === 'caller')) {
      const one = [{ ...policy, count: { value: 1 }, shadow: true }];
      let known = 0;
      for (let caller = 99_990; caller >= 0; caller -= 10)
        if (take(store, `caller-${caller}`, one).shadowed.length > 0) known++;
      expect(known).toBeGreaterThan(400);
      expect(known).toBeLessThanOrEqual(1_000);
    }
  });

  test('forget the caller that was seen longest ago when there are too many', () => {
    const store = createMemoryLimits({ trackedCallers: 2 });
    for (const caller of ['a', 'b', 'c']) take(store, caller, [three]);
    expect(take(store, 'a', [three]).remaining).toEqual([2]);
  });

  test('never forget a request in flight, however many callers come', () => {
    const store = createMemoryLimits({ trackedCallers: 2 });
    const one = concurrencyPolicy('one', 1);
    const held = take(store, 'a', [one]);
    const others = Array.from({ length: 100 }, (_, caller) => take(store, `caller-${caller}`, [one]));
    expect(take(store, 'a', [one]).allowed).toBe(false);
    for (const { release } of [held, ...others]) release?.();
    expect(take(store, 'a', [one]).allowed).toBe(true);
  });
});
