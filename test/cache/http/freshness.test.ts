import { describe, expect, test } from '@jest/globals';
import { MAX_SECONDS, parseResponseDirectives } from '../../../service/cache/http/cache-control.ts';
import { currentAgeMs, freshnessLifetimeMs, initialAgeMs } from '../../../service/cache/http/freshness.ts';
import { formatHttpDate } from '../../../service/cache/http/http-date.ts';
import { pick, seeded } from './random.ts';

const NOW = Date.UTC(2030, 0, 1);
const date = (seconds: number): string => formatHttpDate(NOW + seconds * 1_000);
const lifetime = (fields: string[], control?: string, heuristic?: { fraction: number; maxMs: number }): number =>
  freshnessLifetimeMs(fields, parseResponseDirectives(control), NOW, heuristic);
const at = (requested: number, received: number) => ({
  requestedAt: NOW + requested * 1_000,
  receivedAt: NOW + received * 1_000,
});

describe('the time that an answer is fresh', () => {
  test.each<[what: string, fields: string[], control: string | undefined, seconds: number]>([
    ['nothing said', [], undefined, 0],
    ['s-maxage before all', ['expires', date(9)], 'max-age=5, s-maxage=7', 7],
    ['max-age before Expires', ['expires', date(9)], 'max-age=5', 5],
    ['Expires less Date', ['expires', date(9), 'date', date(-3)], undefined, 12],
    ['Expires less the arrival', ['expires', date(9)], undefined, 9],
    ['Expires less the arrival, beside a Date that is none', ['expires', date(9), 'date', 'x'], undefined, 9],
    ['Expires before Date', ['expires', date(9), 'date', date(10)], undefined, 0],
    ['Expires that is none', ['expires', '0', 'date', date(-100)], undefined, 0],
    ['two Expires', ['expires', date(9), 'expires', date(9)], undefined, 0],
    ['Expires of the year 9999', ['expires', 'Fri, 31 Dec 9999 23:59:59 GMT'], undefined, MAX_SECONDS],
  ])('%s', (_, fields, control, seconds) => {
    expect(lifetime(fields, control)).toBe(seconds * 1_000);
  });

  test('is a fraction of the time since Last-Modified up to a bound, only where that is asked for and nothing is said', () => {
    const modified = ['last-modified', date(-100), 'date', date(0)];
    const tenth = { fraction: 0.1, maxMs: 8_000 };
    expect(lifetime(modified)).toBe(0);
    expect(lifetime(modified, undefined, { ...tenth, maxMs: 60_000 })).toBe(10_000);
    expect(lifetime(modified, undefined, tenth)).toBe(8_000);
    expect(lifetime(modified, 'max-age=1', tenth)).toBe(1_000);
    expect(lifetime([...modified, 'expires', 'never'], undefined, tenth)).toBe(0);
    expect(lifetime(['last-modified', date(100)], undefined, tenth)).toBe(0);
    expect(lifetime(['last-modified', 'x'], undefined, tenth)).toBe(0);
  });
});

describe('the age of an answer', () => {
  test.each<[what: string, fields: string[], requested: number, received: number, seconds: number]>([
    ['nothing said', [], 0, 0, 0],
    ['the delay', [], 0, 3, 3],
    ['Age and the delay', ['age', '5'], 0, 3, 8],
    ['Date before the arrival', ['date', date(-5)], 0, 0, 5],
    ['the greater of both', ['date', date(-5), 'age', '7'], 0, 0, 7],
    ['Date after the arrival', ['date', date(5)], 0, 0, 0],
    ['Date that has no parts of a second', ['date', date(0)], 0.9, 0.9, 0],
    ['an Age that is none', ['age', '-5'], 0, 0, 0],
    ['the first Age of two', ['age', '5', 'age', '50'], 0, 0, 5],
    ['a clock that was set back', [], 3, 0, 0],
    ['an endless Age', ['age', '9'.repeat(400)], 0, 0, MAX_SECONDS],
  ])('%s', (_, fields, requested, received, seconds) => {
    expect(initialAgeMs(fields, at(requested, received))).toBe(seconds * 1_000);
  });

  test('grows with the time that it is kept, and never shrinks below what it was', () => {
    expect(currentAgeMs(5_000, NOW, NOW + 2_500)).toBe(7_500);
    expect(currentAgeMs(5_000, NOW, NOW - 60_000)).toBe(5_000);
  });
});

test('no arithmetic with whatever comes is negative, endless or no number', () => {
  const random = seeded(2);
  const values = [
    () => date(Math.floor((random() - 0.5) * 1e9)),
    () => String(Math.floor((random() - 0.5) * 1e12)),
    () => pick(random, ['', '0', 'NaN', 'Infinity', '1e9', '١', 'Thu, 01 Jan 1970 00:00:00 GMT', '9'.repeat(99)]),
    () => 'Fri, 31 Dec 9999 23:59:59 GMT',
  ];
  for (let count = 0; count < 5_000; count++) {
    const fields = ['date', 'age', 'expires', 'last-modified'].flatMap((name) =>
      random() < 0.7 ? [name, pick(random, values)()] : [],
    );
    const times = at((random() - 0.5) * 1e6, (random() - 0.5) * 1e6);
    const control = `max-age=${pick(random, values)()}`;
    const heuristic = { fraction: random(), maxMs: 86_400_000 };
    const directives = parseResponseDirectives(random() < 0.3 ? control : undefined);
    const numbers = [
      initialAgeMs(fields, times),
      freshnessLifetimeMs(fields, directives, times.receivedAt, heuristic),
      currentAgeMs(initialAgeMs(fields, times), times.receivedAt, times.receivedAt + (random() - 0.5) * 1e15),
    ];
    for (const number of numbers) {
      expect(number).toBeGreaterThanOrEqual(0);
      expect(number).toBeLessThanOrEqual(MAX_SECONDS * 1_000);
    }
  }
});
