import { describe, expect, test } from '@jest/globals';
import {
  MAX_SECONDS,
  parseRequestDirectives,
  parseResponseDirectives,
  type ResponseDirectives,
} from '../../../service/cache/http/cache-control.ts';

describe('the directives of an answer', () => {
  const cases: [value: string | undefined, expected: Partial<ResponseDirectives>][] = [
    [undefined, { noStore: false, maxAge: undefined, public: false }],
    ['', { noStore: false, maxAge: undefined }],
    ['max-age=5', { maxAge: 5 }],
    ['MAX-AGE="5"', { maxAge: 5 }],
    ['max-age="\\5"', { maxAge: 5 }],
    [' , max-age=5 ,, public', { maxAge: 5, public: true }],
    ['max-age=7, max-age=5, max-age=6', { maxAge: 5 }],
    ['max-age=7, max-age=x', { maxAge: 0 }],
    ['max-age', { maxAge: 0 }],
    ['max-age=', { maxAge: 0 }],
    ['max-age = 5', { maxAge: 0 }],
    ['max-age=0x10', { maxAge: 0 }],
    ['max-age=1e3', { maxAge: 0 }],
    ['max-age=4294967296', { maxAge: MAX_SECONDS }],
    ['s-maxage=9, max-age=1', { sMaxAge: 9, maxAge: 1 }],
    ['no-cache', { noCache: true, withheldFields: [] }],
    ['no-cache="Set-Cookie, X-A"', { noCache: false, withheldFields: ['set-cookie', 'x-a'] }],
    ['no-cache=Set-Cookie', { noCache: false, withheldFields: ['set-cookie'] }],
    ['no-cache="a", no-cache', { noCache: true }],
    ['no-cache=" , "', { noCache: true }],
    ['private="a", no-cache="b"', { private: false, noCache: false, withheldFields: ['b', 'a'] }],
    ['private=""', { private: true }],
    ['no-store="x"', { noStore: true }],
    ['public="x", immutable=1, must-understand=1', { public: false, immutable: false, mustUnderstand: false }],
    ['x="no-store, private", max-age=5', { noStore: false, private: false, maxAge: 5 }],
    ['x="\\"", no-store', { noStore: true }],
    ['max-age=5, x="', { noStore: true }],
    ['no-storex, xno-store, no-store-', { noStore: false }],
    ['stale-while-revalidate=5, stale-if-error', { staleWhileRevalidate: 5, staleIfError: 0 }],
    ['__proto__, constructor=1, max-age=5', { maxAge: 5 }],
  ];
  test.each(cases)('%s', (value, expected) => {
    expect(parseResponseDirectives(value)).toMatchObject(expected);
  });
});

describe('the directives of a request', () => {
  test.each([
    [undefined, { noStore: false, maxStale: undefined }],
    ['no-cache, no-store, only-if-cached', { noCache: true, noStore: true, onlyIfCached: true }],
    ['max-age=5, min-fresh=x', { maxAge: 5, minFresh: MAX_SECONDS }],
    ['max-stale', { maxStale: MAX_SECONDS }],
    ['max-stale=5', { maxStale: 5 }],
    ['max-stale, max-stale=5', { maxStale: 0 }],
    ['no-store, "', { noStore: false }],
  ])('%s', (value, expected) => {
    expect(parseRequestDirectives(value)).toMatchObject(expected);
  });
});
