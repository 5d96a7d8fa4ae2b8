import { describe, expect, test } from '@jest/globals';
import { formatHttpDate, parseHttpDate } from '../../../service/cache/http/http-date.ts';
import { seeded } from './random.ts';

const NOW = Date.UTC(2030, 0, 1);
const TIME = Date.UTC(1994, 10, 6, 8, 49, 37);

describe('a date', () => {
  test.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', TIME],
    ['sun, 06 nov 1994 08:49:37 gmt', TIME],
    [' Sun, 06 Nov 1994 08:49:37 GMT ', TIME],
    ['Sunday, 06-Nov-94 08:49:37 GMT', TIME],
    ['Sun Nov  6 08:49:37 1994', TIME],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['Fri, 31 Dec 9999 23:59:59 GMT', Date.UTC(9999, 11, 31, 23, 59, 59)],
    ['Mon, 01 Jan 0001 00:00:00 GMT', new Date('0001-01-01T00:00:00Z').getTime()],
    ['Tue, 29 Feb 2028 00:00:00 GMT', Date.UTC(2028, 1, 29)],
    ['Sat, 31 Dec 2016 23:59:60 GMT', Date.UTC(2017, 0, 1)],
  ])('%s is read', (text, time) => {
    expect(parseHttpDate(text, NOW)).toBe(time);
  });

  test.each([
    ['Monday, 01-Jan-80 00:00:00 GMT', 2080],
    ['Monday, 01-Jan-81 00:00:00 GMT', 1981],
  ])('%s of two digits is of the year %d, fifty years ahead at most', (text, year) => {
    expect(new Date(parseHttpDate(text, NOW) ?? 0).getUTCFullYear()).toBe(year);
  });

  test.each([
    '',
    '0',
    '-1',
    'now',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 EST',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sun, 06 Nov 94 08:49:37 GMT',
    'Sun, 06 Nov 19944 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:00 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT',
    `Sun, ${' '.repeat(5_000)}06 Nov 1994 08:49:37 GMT`,
  ])('%s is none', (text) => {
    expect(parseHttpDate(text, NOW)).toBeUndefined();
  });

  test('is read as it was written, for any second', () => {
    const random = seeded(1);
    for (let count = 0; count < 1_000; count++) {
      const time = Math.floor(random() * 253_402_300_799) * 1_000;
      expect(parseHttpDate(formatHttpDate(time), NOW)).toBe(time);
    }
  });
});
