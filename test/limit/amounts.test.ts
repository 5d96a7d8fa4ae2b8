import { describe, expect, test } from '@jest/globals';
import {
  monthPolicy,
  sumPolicy,
  waitMs,
  windowPolicy,
  type LimitPolicy,
  type ReservationVerdict,
} from '../../service/limit/index.ts';
import { eventually } from '../support/eventually.ts';
import { useRedis } from '../support/stores.ts';
import { seeded } from './random.ts';
import { testedStores } from './stores.ts';

const { missing, client } = useRedis('limits of amounts in Redis');
const HOUR_MS = 3_600_000;
const kinds: readonly (readonly [kind: string, policy: LimitPolicy])[] = [
  ['sum', sumPolicy('tokens', 100, HOUR_MS, { lapseMs: HOUR_MS })],
  ['month', monthPolicy('budget', 100, { lapseMs: HOUR_MS })],
];
const requests = windowPolicy('requests', 3, HOUR_MS);

describe.each(testedStores(client))('amounts in %s', (_name, create, needsRedis) => {
  const check = needsRedis && missing !== undefined ? test.skip : test;

  describe.each(kinds)('of kind %s', (kind, policy) => {
    check('are admitted as long as there is room for all of one, and charge nothing otherwise', async () => {
      const store = create();
      const reserve = async (amount: number) => store.reserve('a', [policy], [amount]);
      expect(await reserve(60)).toMatchObject({ allowed: true, remaining: [40], deniedBy: [] });
      const denied = await reserve(41);
      expect(denied).toMatchObject({ allowed: false, remaining: [40], deniedBy: [0] });
      // The slots of a window are a sixtieth of it.
      const leaveMs = kind === 'sum' ? [HOUR_MS, HOUR_MS + HOUR_MS / 60] : [0, 31 * 24 * HOUR_MS];
      expect(waitMs(denied)).toBeGreaterThanOrEqual(leaveMs[0] ?? 0);
      expect(waitMs(denied)).toBeLessThanOrEqual(leaveMs[1] ?? 0);
      expect(await reserve(40)).toMatchObject({ allowed: true, remaining: [0] });
      expect(await store.reserve('b', [policy], [100])).toMatchObject({ allowed: true, remaining: [0] });
    });

    check('are what was used once that is settled, and only once', async () => {
      const store = create();
      const left = async () => {
        const { remaining, settle } = await store.reserve('a', [policy], [1]);
        settle([0]);
        return (remaining[0] ?? 0) + 1;
      };
      const first = await store.reserve('a', [policy], [60]);
      first.settle([10]);
      first.settle([0]);
      first.settle([90]);
      await eventually(async () => expect(await left()).toBe(90));
      const second = await store.reserve('a', [policy], [20]);
      second.settle([50]);
      await eventually(async () => expect(await left()).toBe(40));
      const denied = await store.reserve('a', [policy], [41]);
      denied.settle([7]);
      expect(await left()).toBe(40);
      const nothing = await store.reserve('a', [policy], [40]);
      nothing.settle([]);
      await eventually(async () => expect(await left()).toBe(40));
    });

    check('are used above the limit where more was used than reserved', async () => {
      const store = create();
      (await store.reserve('a', [policy], [50])).settle([130]);
      await eventually(async () =>
        expect(await store.reserve('a', [policy], [1])).toMatchObject({ allowed: false, remaining: [0] }),
      );
    });

    check('are there again once a reservation that nobody settled has lapsed', async () => {
      const store = create();
      const short = { ...policy, lapseUs: 300_000 };
      const lost = await store.reserve('a', [short], [70]);
      expect(await store.reserve('a', [short], [50])).toMatchObject({ allowed: false });
      await eventually(async () => {
        const verdict = await store.reserve('a', [short], [100]);
        verdict.settle([80]);
        expect(verdict).toMatchObject({ allowed: true, remaining: [0] });
      });
      // Too late: it counts as it lapsed.
      lost.settle([70]);
      await eventually(async () => {
        const verdict = await store.reserve('a', [short], [5]);
        verdict.settle([0]);
        expect(verdict).toMatchObject({ allowed: true, remaining: [15] });
      });
    });

    check('are everyone’s together where the limit is everyone’s', async () => {
      const store = create();
      const shared = { ...policy, scope: 'everyone' as const };
      expect(await store.reserve('a', [shared], [80])).toMatchObject({ allowed: true });
      expect(await store.reserve('b', [shared], [30])).toMatchObject({ allowed: false, remaining: [20] });
    });

    check('in shadow are told and neither denied nor charged', async () => {
      const store = create();
      const shadow = { ...policy, shadow: true };
      await store.reserve('a', [shadow], [80]);
      const over = await store.reserve('a', [shadow, requests], [30, 1]);
      expect(over).toMatchObject({ allowed: true, shadowed: [0], remaining: [20, 2] });
      expect(await store.reserve('a', [shadow], [20])).toMatchObject({ shadowed: [], remaining: [0] });
    });

    check('are charged with requests or not at all', async () => {
      const store = create();
      const reserve = async (amount: number) => store.reserve('a', [requests, policy], [1, amount]);
      const allowed = [];
      for (const amount of [90, 20, 5, 5]) allowed.push((await reserve(amount)).allowed);
      expect(allowed).toEqual([true, false, true, true]);
      expect(await reserve(1)).toMatchObject({ allowed: false, deniedBy: [0, 1], remaining: [0, 0] });
    });
  });

  check.each([1, 2, 3, 4])('add up to what was used, whatever becomes of the requests (seed %i)', async (seed) => {
    const random = seeded(seed);
    const store = create();
    const policies = [
      sumPolicy('tokens', 5_000, HOUR_MS, { lapseMs: HOUR_MS }),
      monthPolicy('budget', 20_000, { lapseMs: HOUR_MS }),
    ];
    const used = new Map<string, number>([
      ['a', 0],
      ['b', 0],
    ]);
    const open: { readonly caller: string; readonly amount: number; readonly verdict: ReservationVerdict }[] = [];
    const end = (count: number): void => {
      for (const { caller, amount, verdict } of open.splice(0, count)) {
        // An answer, an error before any of it, one that was cut, one that was longer than was thought.
        const actual = random.pick([amount, 0, random.whole(0, amount), amount + random.whole(1, 50)]);
        verdict.settle([actual, actual]);
        if (random.next() < 0.3) verdict.settle([0, 0]);
        used.set(caller, (used.get(caller) ?? 0) + actual);
      }
    };
    for (let request = 0; request < 200; request++) {
      const caller = random.pick(['a', 'b']);
      const amount = random.whole(1, 80);
      const verdict = await store.reserve(caller, policies, [amount, amount]);
      if (verdict.allowed) open.push({ caller, amount, verdict });
      if (random.next() < 0.4) end(random.whole(1, open.length + 1));
    }
    end(open.length);
    for (const [caller, total] of used) {
      await eventually(async () => {
        const probe = await store.reserve(caller, policies, [1, 1]);
        probe.settle([0, 0]);
        expect(probe.remaining).toEqual([Math.max(0, 5_000 - total - 1), 20_000 - total - 1]);
      });
    }
  });
});
