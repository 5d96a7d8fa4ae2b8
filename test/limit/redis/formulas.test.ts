import { describe, expect, test } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { bucketPolicy, windowPolicy, type LimitPolicy } from '../../../service/limit/index.ts';
import type { LimitCell } from '../../../service/limit/memory/cell.ts';
import { SlidingCounter } from '../../../service/limit/memory/sliding-counter.ts';
import { SlidingLog } from '../../../service/limit/memory/sliding-log.ts';
import { TokenBucket } from '../../../service/limit/memory/token-bucket.ts';
import { useRedis } from '../../support/stores.ts';
import { seeded } from '../random.ts';
import { redisLimits } from '../stores.ts';

const { missing, client } = useRedis('the formulas of limits in Redis');
const check = missing === undefined ? test : test.skip;
const WINDOW_MS = 40;

describe('the script decides as memory does at the same time', () => {
  check.each<[kind: string, policy: LimitPolicy, create: (spanUs: number) => LimitCell]>([
    ['log', windowPolicy('log', 12, WINDOW_MS), (spanUs) => new SlidingLog(spanUs)],
    ['counter', windowPolicy('counter', 30, WINDOW_MS, { logUpTo: 1 }), (spanUs) => new SlidingCounter(spanUs)],
    ['bucket', bucketPolicy('bucket', 7, 1, 3), (spanUs) => new TokenBucket(spanUs)],
  ])('%s', async (_kind, policy, create) => {
    const random = seeded(7);
    const count = { value: policy.count.value };
    const moving = { ...policy, count };
    const cell = create(policy.spanUs);
    let decidedAt = 0;
    const store = redisLimits(client(), { onTrip: ({ timeUs = 0 }) => (decidedAt = timeUs) });
    const seen = { allowed: 0, denied: 0 };
    const end = performance.now() + 1_500;
    while (performance.now() < end) {
      if (random.next() < 0.1) count.value = random.whole(1, 2 * policy.count.value);
      const verdicts = await Promise.all(Array.from({ length: random.whole(1, 4) }, () => store.take('a', [moving])));
      // The store tells of the trip in the turn in which it answers.
      await turn();
      for (const { allowed, remaining, resetMs } of verdicts) {
        const expected = cell.look(decidedAt, count.value) > 0;
        if (expected) cell.take();
        expect({ allowed, left: remaining[0], resetUs: (resetMs[0] ?? 0) * 1000 }).toEqual({
          allowed: expected,
          left: cell.left,
          resetUs: expect.closeTo(cell.resetUs(), 3),
        });
        seen[allowed ? 'allowed' : 'denied']++;
      }
      const pauseUntil = performance.now() + random.pick([0, 0, 0, 0, 0, 0, 1, 5, random.whole(0, 60)]);
      while (performance.now() < pauseUntil) await turn();
    }
    expect(seen.allowed).toBeGreaterThan(50);
    expect(seen.denied).toBeGreaterThan(10);
  });
});
