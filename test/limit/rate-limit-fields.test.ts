import { describe, expect, test } from '@jest/globals';
import { bucketPolicy, concurrencyPolicy, createMemoryLimits, windowPolicy } from '../../service/limit/index.ts';
import type { LimitPolicy, LimitVerdict } from '../../service/limit/index.ts';
import { RateLimitFields } from '../../service/limit/rate-limit-fields.ts';

const address = windowPolicy('address', 2, 60_000);
const verdict: LimitVerdict = {
  allowed: true,
  remaining: [1],
  resetMs: [1],
  deniedBy: [],
  shadowed: [],
  unavailable: false,
  release: undefined,
};

function fieldsAfter(policies: readonly LimitPolicy[], requests: number): { policies: string; state: string } {
  const store = createMemoryLimits({ trackedCallers: 10, now: () => 1_000 });
  const fields = new RateLimitFields(policies);
  let state = '';
  for (let request = 0; request < requests; request++) {
    const taken = store.take('a', policies);
    if (!(taken instanceof Promise)) state = fields.state(taken);
  }
  return { policies: fields.policies, state };
}

describe('the RateLimit fields', () => {
  test('name a window by its count and length, and tell what is left and when there is more', () => {
    expect(fieldsAfter([address, windowPolicy('search', 30, 3_600_000)], 1)).toEqual({
      policies: '"address";q=2;w=60, "search";q=30;w=3600',
      state: '"address";r=1;t=60, "search";r=29;t=3600',
    });
  });

  test('name a bucket by what it holds and the time in which it fills', () => {
    expect(fieldsAfter([bucketPolicy('tier:pro', 100, 10, 1_000)], 1)).toEqual({
      policies: '"tier:pro";q=100;w=10',
      state: '"tier:pro";r=99;t=1',
    });
  });

  test('name requests in flight by their unit, without a time', () => {
    expect(fieldsAfter([concurrencyPolicy('chat:in-flight', 4)], 1)).toEqual({
      policies: '"chat:in-flight";q=4;qu="concurrent-requests"',
      state: '"chat:in-flight";r=3',
    });
  });

  test('leave out limits in shadow, and everyone’s unless it denies', () => {
    const global = bucketPolicy('global', 1, 1, 2_000, { scope: 'everyone' });
    const shadow = windowPolicy('new', 1, 60_000, { shadow: true });
    expect(fieldsAfter([address, shadow, global], 1)).toEqual({
      policies: '"address";q=2;w=60',
      state: '"address";r=1;t=60',
    });
    expect(fieldsAfter([address, shadow, global], 2).state).toBe('"address";r=1;t=60, "global";r=0;t=2');
  });

  test('leave out what is not known', () => {
    const fields = new RateLimitFields([address, windowPolicy('search', 30, 60_000)]);
    expect(fields.state({ ...verdict, remaining: [undefined, 3], resetMs: [0, 1_200] })).toBe('"search";r=3;t=2');
    expect(fields.state({ ...verdict, remaining: [undefined, undefined], resetMs: [0, 0] })).toBe('');
  });

  test('follow a count that moves', () => {
    const count = { value: 5 };
    const fields = new RateLimitFields([{ ...address, count }]);
    expect(fields.policies).toBe('"address";q=5;w=60');
    count.value = 6;
    expect(fields.policies).toBe('"address";q=6;w=60');
  });
});
