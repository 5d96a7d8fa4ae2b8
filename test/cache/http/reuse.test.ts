import { describe, expect, test } from '@jest/globals';
import { maySubstitute, NO_WISHES, reuseOf, type Wishes } from '../../../service/cache/http/reuse.ts';
import { freshened, keepMs, storedHead, type StoredResponse } from '../../../service/cache/http/stored-response.ts';
import { pick, seeded } from './random.ts';

const NOW = Date.UTC(2030, 0, 1);
const STALE_MS = 60_000;

function stored(headers: readonly string[], receivedAt = NOW): StoredResponse | undefined {
  const times = { requestedAt: receivedAt, receivedAt };
  const head = storedHead({ method: 'GET', request: {}, refused: false, status: 200, headers, times });
  return head && { ...head, body: Buffer.from('x') };
}

describe('whatever an answer and a request say', () => {
  const random = seeded(3);
  const seconds = (): number => Math.floor(random() * 120);
  const answers = Array.from({ length: 4_000 }, () => {
    const said = [
      `max-age=${seconds()}`,
      `s-maxage=${seconds()}`,
      'must-revalidate',
      'proxy-revalidate',
      'no-cache',
      'public',
      'immutable',
      `stale-while-revalidate=${seconds()}`,
      `stale-if-error=${seconds()}`,
    ].filter(() => random() < 0.4);
    const age = seconds();
    const entry = stored(['cache-control', said.join(', '), 'age', String(age), 'etag', '"a"']);
    const optional = (): number | undefined => (random() < 0.3 ? seconds() * 1_000 : undefined);
    const wishes: Wishes = {
      authorized: random() < 0.2,
      cookies: random() < 0.2,
      noCache: random() < 0.1,
      maxAgeMs: optional(),
      minFreshMs: optional(),
      maxStaleMs: optional(),
      staleIfErrorMs: optional(),
    };
    const lifetime = lifetimeOf(said);
    return { said, entry, wishes, age, lifetime, later: seconds() * 1_000 };
  });

  test('nothing is fresh beyond its lifetime', () => {
    for (const { entry, wishes, age, lifetime, later } of answers) {
      if (!entry || reuseOf(entry, wishes, NOW + later, STALE_MS) !== 'fresh') continue;
      expect(age * 1_000 + later).toBeLessThan(lifetime * 1_000);
    }
  });

  test('nothing is given stale, or for a failed origin, against must-revalidate, proxy-revalidate, s-maxage or no-cache', () => {
    const never = ['must-revalidate', 'proxy-revalidate', 's-maxage', 'no-cache'];
    for (const { said, entry, wishes, later } of answers) {
      if (!entry || !said.some((directive) => never.some((name) => directive.startsWith(name)))) continue;
      expect(['fresh', 'validate', 'none']).toContain(reuseOf(entry, wishes, NOW + later, STALE_MS));
      if (entry.expiresAt <= NOW + later) expect(maySubstitute(entry, wishes, NOW + later, STALE_MS)).toBe(false);
      if (said.includes('no-cache')) expect(reuseOf(entry, wishes, NOW, STALE_MS)).not.toBe('fresh');
    }
  });

  test('nothing is given longer after its end than the bound of the cache', () => {
    for (const { entry, wishes } of answers) {
      if (!entry) continue;
      const later = entry.expiresAt + STALE_MS + 1;
      expect(['validate', 'none']).toContain(reuseOf(entry, wishes, later, STALE_MS));
      expect(maySubstitute(entry, wishes, later, STALE_MS)).toBe(false);
    }
  });

  test('nothing is given to credentials that is not declared to be for all', () => {
    for (const { said, entry, wishes, later } of answers) {
      if (!entry || !wishes.authorized) continue;
      if (said.some((directive) => /^(public|must-revalidate|s-maxage)/.test(directive))) continue;
      expect(reuseOf(entry, wishes, NOW + later, STALE_MS)).toBe('none');
      expect(maySubstitute(entry, wishes, NOW + later, STALE_MS)).toBe(false);
    }
  });

  test('what is kept is kept at least as long as it may be given', () => {
    for (const { entry, later } of answers) {
      if (!entry) continue;
      const given = ['fresh', 'stale', 'refresh'].includes(reuseOf(entry, NO_WISHES, NOW + later, STALE_MS));
      if (given || maySubstitute(entry, NO_WISHES, NOW + later, STALE_MS))
        expect(keepMs(entry, 0)).toBeGreaterThan(later);
    }
  });

  test('a validation makes nothing younger than its origin says', () => {
    for (const { entry, age, later } of answers) {
      if (!entry) continue;
      const times = { requestedAt: NOW + later, receivedAt: NOW + later };
      const { response } = freshened(entry, { headers: ['age', String(age)], request: {}, times });
      expect(response.meta.initialAgeMs).toBe(age * 1_000);
      expect(response.storedAt).toBe(NOW + later);
    }
  });
});

function lifetimeOf(said: readonly string[]): number {
  const value = (name: string): number | undefined => {
    const directive = said.find((text) => text.startsWith(`${name}=`));
    return directive === undefined ? undefined : Number(directive.slice(name.length + 1));
  };
  return value('s-maxage') ?? value('max-age') ?? 0;
}

test('what is kept survives JSON, as in a shared tier', () => {
  const entry = stored(['cache-control', 'max-age=60, stale-if-error=9', 'etag', '"a"', 'cache-status', 'a; hit']);
  expect(JSON.parse(JSON.stringify(entry?.meta))).toEqual(entry?.meta);
});

test('hostile fields are decided on, and never make anything fresh for longer than there is time', () => {
  const random = seeded(4);
  const names = Array.from({ length: 1_000 }, (_, index) => `x-${index}`).join(', ');
  const hostile: string[][] = [
    ['cache-control', 'a'.repeat(10_000)],
    ['cache-control', `${','.repeat(10_000)}max-age=60`],
    ['cache-control', `max-age=60${', x=y'.repeat(1_000)}`],
    ['cache-control', `max-age=60, x="${'\\"'.repeat(5_000)}"`],
    ['cache-control', `max-age=60, ${'"'.repeat(9_999)}`],
    ['cache-control', `max-age=60, private="${names}"`],
    ['cache-control', `max-age=${'9'.repeat(10_000)}`],
    ['cache-control', 'max-age=60', 'vary', names],
    ['cache-control', 'max-age=60', 'vary', '*,'.repeat(5_000)],
    ['cache-control', 'max-age=60', 'etag', `W/"${'"'.repeat(5_000)}`],
    ['cache-control', 'max-age=60', 'etag', '""', 'etag', '"a","b"'],
    ['expires', 'Thu, 01 Jan 1970 00:00:00 GMT', 'date', 'Fri, 31 Dec 9999 23:59:59 GMT'],
    ['expires', 'Fri, 31 Dec 9999 23:59:59 GMT', 'date', 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ['cache-control', 'public', 'last-modified', 'x'.repeat(10_000), 'date', '\u0000', 'age', '\u0661'],
  ];
  for (const headers of [...hostile, ...hostile.map((one) => [...one, ...pick(random, hostile)])]) {
    const entry = stored(headers);
    if (!entry) continue;
    expect(entry.expiresAt - NOW).toBeGreaterThanOrEqual(0);
    expect(entry.expiresAt - NOW).toBeLessThanOrEqual(2 ** 31 * 1_000);
    expect(Number.isFinite(keepMs(entry, 1_000))).toBe(true);
  }
  expect(stored(hostile[7] ?? [])).toBeUndefined();
  expect(stored(hostile[8] ?? [])).toBeUndefined();
});
