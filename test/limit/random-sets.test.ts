import { describe, expect, test } from '@jest/globals';
import { bucketPolicy, concurrencyPolicy, windowPolicy, type LimitPolicy } from '../../service/limit/index.ts';
import { useRedis } from '../support/stores.ts';
import { seeded, type Random } from './random.ts';
import { testedStores } from './stores.ts';

const { missing, client } = useRedis('random sets of limits in Redis');
const DAY_MS = 86_400_000;
const CALLERS = ['a', 'b', 'c', '2001:db8::', 'user:{x}%'];

/** Limits that nothing leaves while the test runs, so that what is used is exactly what was admitted. */
function randomPolicy(random: Random, place: number): LimitPolicy {
  const name = `limit-${place}`;
  const limit = random.whole(1, 12);
  const options = { shadow: random.next() < 0.2, scope: random.next() < 0.2 ? 'everyone' : 'caller' } as const;
  return random.pick([
    () => windowPolicy(name, limit, DAY_MS, options),
    () => windowPolicy(name, limit, DAY_MS, { ...options, logUpTo: 0 }),
    () => bucketPolicy(name, limit, 1, DAY_MS, options),
    () => concurrencyPolicy(name, limit, options),
  ])();
}

describe.each(testedStores(client))('limits in %s', (_name, create, needsRedis) => {
  const check = needsRedis && missing !== undefined ? test.skip : test;

  check.each([1, 2, 3, 4, 5, 6])('charge all or none of any set of limits (seed %i)', async (seed) => {
    const random = seeded(seed);
    const store = create();
    const policies = Array.from({ length: 6 }, (_, place) => randomPolicy(random, place));
    const used = new Map<string, number>();
    for (let request = 0; request < 150; request++) {
      const caller = random.pick(CALLERS);
      const set = policies.filter(() => random.next() < 0.5);
      const keyOf = (policy: LimitPolicy): string => `${policy.scope === 'everyone' ? '' : caller} ${policy.name}`;
      const leftOf = (policy: LimitPolicy): number => policy.count.value - (used.get(keyOf(policy)) ?? 0);
      const full = set.filter((policy) => leftOf(policy) < 1);
      const allowed = full.every(({ shadow }) => shadow);
      if (allowed)
        for (const policy of set) if (leftOf(policy) > 0) used.set(keyOf(policy), (used.get(keyOf(policy)) ?? 0) + 1);

      const verdict = await store.take(caller, set);

      expect(verdict.allowed).toBe(allowed);
      for (const [place, policy] of set.entries())
        expect(verdict.remaining[place] ?? leftOf(policy)).toBe(leftOf(policy));
      // The memory of denials names the limits that it remembers; the others were not asked.
      for (const place of verdict.deniedBy) expect(full).toContain(set[place]);
      expect(verdict.deniedBy.length > 0).toBe(!allowed);
    }
  });

  check('charge all or none of requests at the same time', async () => {
    const store = create();
    const shared = windowPolicy('shared', 30, DAY_MS, { scope: 'everyone' });
    const own = windowPolicy('own', 4, DAY_MS);
    const verdicts = await Promise.all(
      Array.from({ length: 100 }, async (_, request) => store.take(`caller-${request % 10}`, [own, shared])),
    );
    expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(30);
    const left = await Promise.all(Array.from({ length: 10 }, async (_, each) => store.take(`caller-${each}`, [own])));
    const usedNow = left.map(({ allowed, remaining }) => 4 - (remaining[0] ?? 0) - (allowed ? 1 : 0));
    expect(usedNow.reduce((sum, each) => sum + each, 0)).toBe(30);
  });
});
