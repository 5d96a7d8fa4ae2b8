import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { monthPolicy, sumPolicy, type LimitPolicy } from '../../../service/limit/index.ts';
import { Amounts } from '../../../service/limit/memory/amounts.ts';
import { slotsOf } from '../../../service/limit/memory/slots.ts';
import { decodeAnswer, encodeBatch, settlementsOf, type Batch } from '../../../service/limit/redis/batch.ts';
import { useRedis } from '../../support/stores.ts';
import { seeded } from '../random.ts';

const { missing, client } = useRedis('the formulas of amounts in Redis');
const check = missing === undefined ? test : test.skip;

/** The script, with a clock that is told; what lapses is removed by it, never by Redis's own clock. */
const SCRIPT = readFileSync(new URL('../../../service/limit/redis/take-limits.lua', import.meta.url), 'utf8')
  .replace("redis.call('TIME')", 'cjson.decode(ARGV[2])')
  .replace("redis.call('PEXPIRE', key,", "redis.call('PEXPIRE', key, 1e9 +");

const DAY_US = 86_400_000_000;
const cases: readonly (readonly [kind: string, policy: LimitPolicy, pauseUs: number, startUs: number])[] = [
  ['sum', sumPolicy('sum', 1_000, 60_000, { lapseMs: 90_000 }), 20_000_000, Date.UTC(2026, 10, 22) * 1000],
  // Over the end of a year, and a February of a century, which is no leap year's.
  ['month', monthPolicy('month', 1_000, { lapseMs: 5 * 86_400_000 }), 2 * DAY_US, Date.UTC(2099, 10, 28) * 1000],
];

describe('the script decides about amounts as memory does at the same time', () => {
  check.each(cases)('%s', async (kind, policy, pauseUs, startUs) => {
    const random = seeded(11);
    const { spanUs, lapseUs = 0 } = policy;
    const cell = new Amounts({ slots: slotsOf(policy), lapseUs });
    const prefix = `formulas-${kind}:`;
    const run = async (timeUs: number, batch: Omit<Batch, 'renewed' | 'ended'>) => {
      const whole = { renewed: [], ended: [], ...batch };
      const { keys, text } = encodeBatch(whole, prefix, 0);
      const clock = JSON.stringify([Math.floor(timeUs / 1e6), timeUs % 1e6]);
      const raw = (await client().eval(SCRIPT, keys.length, ...keys, text, clock)) as number[];
      return decodeAnswer(whole, prefix, raw).answers;
    };
    const open: { readonly batch: Batch; readonly settle: (used: number, timeUs: number) => void }[] = [];
    const seen = { allowed: 0, denied: 0, lapsed: 0 };
    let time = startUs;
    for (let step = 0; step < 1_500; step++) {
      time += random.next() < 0.3 ? random.whole(0, pauseUs) : random.whole(0, pauseUs / 100);
      if (open.length > 0 && random.next() < 0.4) {
        const [first] = open.splice(random.whole(0, open.length - 1), 1);
        const used = random.whole(0, 300);
        first?.settle(used, time);
        const settled = settlementsOf(
          first?.batch ?? { id: '', requests: [], renewed: [], ended: [], settled: [] },
          prefix,
        );
        await run(time, { id: `s${step}`, requests: [], settled: settled.map((each) => ({ ...each, used })) });
        continue;
      }
      const amount = random.whole(1, 200);
      const requests = [{ caller: 'a', policies: [policy], amounts: [amount] }];
      const batch = { id: `r${step}`, requests, renewed: [], ended: [], settled: [] };
      const [answer] = await run(time, batch);
      const expected = cell.look(time, policy.count.value) >= amount;
      const settle = expected ? cell.reserve(amount) : undefined;
      const more = expected ? 1 : amount - cell.left;
      expect({
        step,
        allowed: answer?.allowed,
        left: answer?.remaining[0],
        resetUs: (answer?.resetMs[0] ?? 0) * 1000,
      }).toEqual({
        step,
        allowed: expected,
        left: cell.left,
        resetUs: expect.closeTo(cell.resetUs(more), 0),
      });
      seen[expected ? 'allowed' : 'denied']++;
      // Some are never settled, and lapse.
      if (settle && random.next() < 0.85) open.push({ batch, settle });
      else if (settle) seen.lapsed++;
    }
    expect(spanUs).toBe(kind === 'sum' ? 60_000_000 : 0);
    expect(seen.allowed).toBeGreaterThan(100);
    expect(seen.denied).toBeGreaterThan(50);
    expect(seen.lapsed).toBeGreaterThan(20);
  });
});
