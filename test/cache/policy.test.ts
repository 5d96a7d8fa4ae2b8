import { describe, expect, test } from '@jest/globals';
import { createCachePolicy, type Answer } from '../../service/cache/index.ts';

const SETTINGS = { lifetime: '1h', negative: '5s', stale: '60s', maxEntry: '1Ki', earlyRefresh: 1 } as const;
const FACTS = { lifetimeMs: 100_000, fetchMs: 10 };

const answer = (fields: Partial<Answer> = {}): Answer => ({
  status: 200,
  headers: ['content-type', 'text/plain'],
  body: Buffer.from('x'),
  ...fields,
});

function policyWith(random: number, settings: Partial<typeof SETTINGS | { earlyRefresh: number }> = {}) {
  return createCachePolicy({ settings: { ...SETTINGS, ...settings }, now: () => 1_000, random: () => random });
}

describe('the policy of kept answers', () => {
  test('keeps a 200 for its lifetime, and for a while longer in case it is needed stale', () => {
    expect(policyWith(0).keep(answer(), { ...FACTS, tags: ['red'] })).toEqual({
      entry: { ...answer(), storedAt: 1_000, expiresAt: 101_000, staleUntil: 161_000, fetchMs: 10, tags: ['red'] },
      keepMs: 160_000,
    });
  });

  test('keeps a 200 whose lifetime nobody says for the general one', () => {
    expect(policyWith(0).keep(answer(), { fetchMs: 10 })?.entry.expiresAt).toBe(1_000 + 3_600_000);
  });

  test('takes up to a tenth off a lifetime, at random', () => {
    expect(policyWith(0.5).keep(answer(), FACTS)?.entry.expiresAt).toBe(96_000);
    expect(policyWith(1).keep(answer(), FACTS)?.entry.expiresAt).toBe(91_000);
  });

  test('keeps a 404 for a short time, and never stale', () => {
    const kept = policyWith(0).keep(answer({ status: 404 }), FACTS);
    expect(kept?.entry).toMatchObject({ expiresAt: 6_000, staleUntil: 6_000 });
    expect(kept?.keepMs).toBe(5_000);
  });

  test.each([204, 206, 301, 400, 401, 403, 410, 429, 500, 502, 503, 504])('never keeps a %i', (status) => {
    expect(policyWith(0).keep(answer({ status }), FACTS)).toBeUndefined();
  });

  test.each([
    ['sets a cookie', ['Set-Cookie', 'a=b']],
    ['depends on headers', ['vary', 'accept']],
    ['is private', ['cache-control', 'max-age=60, private']],
    ['is not to be stored', ['cache-control', 'no-store']],
  ])('never keeps an answer that %s', (_what, headers) => {
    expect(policyWith(0).keep(answer({ headers }), FACTS)).toBeUndefined();
  });

  test('keeps an answer up to its largest size, and none above', () => {
    expect(policyWith(0).keep(answer({ body: Buffer.alloc(1024) }), FACTS)).toBeDefined();
    expect(policyWith(0).keep(answer({ body: Buffer.alloc(1025) }), FACTS)).toBeUndefined();
  });

  test('judges an entry fresh until its end, then stale, then over', () => {
    const policy = policyWith(1, { earlyRefresh: 0 });
    const entry = { ...answer(), storedAt: 0, expiresAt: 100, staleUntil: 160, fetchMs: 10 };
    expect([99, 100, 159, 160].map((time) => policy.judge(entry, time))).toEqual(['fresh', 'stale', 'stale', 'over']);
    expect(policy.judge({ ...answer(), storedAt: 0, expiresAt: 100 }, 100)).toBe('over');
  });
});

describe('early refresh', () => {
  const entry = { ...answer(), storedAt: 0, expiresAt: 1_000, staleUntil: 1_000, fetchMs: 100 };

  /** The share of looks that fetch early, with so many milliseconds left. */
  function share(left: number, earlyRefresh = 1): number {
    const looks = 10_000;
    let next = 0;
    const random = (): number => (next++ + 0.5) / looks;
    const policy = createCachePolicy({ settings: { ...SETTINGS, earlyRefresh }, random });
    const worths = Array.from({ length: looks }, () => policy.judge(entry, 1_000 - left));
    return worths.filter((worth) => worth === 'early').length / looks;
  }

  test.each([100, 200, 300, 500])('comes with the probability e^(-left / fetch time), %i ms before the end', (left) => {
    expect(share(left)).toBeCloseTo(Math.exp(-left / 100), 3);
  });

  test('comes sooner with a greater eagerness, never with none', () => {
    expect(share(500, 5)).toBeCloseTo(Math.exp(-1), 3);
    expect(share(1, 0)).toBe(0);
  });
});
