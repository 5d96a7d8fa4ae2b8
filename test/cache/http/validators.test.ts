import { describe, expect, test } from '@jest/globals';
import {
  isAbout,
  isDescribedBy,
  isNotModified,
  matchStrongly,
  matchWeakly,
  notModifiedFields,
  validationFields,
} from '../../../service/cache/http/validators.ts';

test.each([
  ['"1"', '"1"', true, true],
  ['W/"1"', 'W/"1"', false, true],
  ['W/"1"', '"1"', false, true],
  ['W/"1"', 'W/"2"', false, false],
  ['"a"', '"A"', false, false],
])('%s and %s: strongly the same %s, weakly %s (RFC 9110, section 8.8.3.2)', (one, other, strongly, weakly) => {
  expect(matchStrongly(one, other)).toBe(strongly);
  expect(matchWeakly(one, other)).toBe(weakly);
});

describe('a client has what is kept', () => {
  const kept = (...headers: string[]) => ({ status: 200, headers, storedAt: Date.UTC(2030, 0, 1) });
  test.each<[tags: string, etag: string, expected: boolean]>([
    ['"a"', '"a"', true],
    ['"x", W/"a"', '"a"', true],
    ['"a,b"', '"a,b"', true],
    ['"a\\"', '"a\\"', true],
    ['bare', 'bare', true],
    ['"a', '"a"', false],
    ['a', '"a"', false],
    ['"b" "a"', '"a"', true],
    [`${'"x",'.repeat(4_000)}"a"`, '"a"', true],
    ['"'.repeat(15_000), '"a"', false],
    ['W/'.repeat(7_000), 'W/"a"', false],
  ])('with %s for %s: %s', (tags, etag, expected) => {
    expect(isNotModified({ 'if-none-match': tags }, kept('etag', etag))).toBe(expected);
  });

  test('never with a tag for what has none, nor for what is no 200', () => {
    expect(isNotModified({ 'if-none-match': '"a"' }, kept())).toBe(false);
    expect(isNotModified({ 'if-none-match': '*' }, { ...kept('etag', '"a"'), status: 204 })).toBe(false);
  });
});

test.each<[kept: string[], newer: string[], expected: boolean]>([
  [['etag', '"a"'], ['etag', '"a"'], true],
  [['etag', '"a"'], ['etag', '"b"'], false],
  [['etag', 'W/"a"'], ['etag', '"a"'], false],
  [['etag', '"a"'], ['etag', 'W/"a"'], true],
  [[], ['etag', '"a"'], false],
  [['etag', '"a"'], [], true],
  [['last-modified', 'x'], ['last-modified', 'x'], true],
  [['last-modified', 'x'], ['last-modified', 'y'], false],
])('a 304 is about what has %j when it has %j: %s', (kept, newer, expected) => {
  expect(isAbout(kept, newer)).toBe(expected);
});

test('an answer to HEAD describes what has its validators and its length', () => {
  const kept = { headers: ['etag', '"a"', 'last-modified', 'x'], body: Buffer.from('12345') };
  expect(isDescribedBy(kept, [])).toBe(true);
  expect(isDescribedBy(kept, ['etag', '"a"', 'content-length', '5'])).toBe(true);
  expect(isDescribedBy(kept, ['content-length', '6'])).toBe(false);
  expect(isDescribedBy(kept, ['etag', '"a"', 'last-modified', 'y'])).toBe(false);
  expect(isDescribedBy({ ...kept, headers: [] }, ['etag', '"a"'])).toBe(false);
});

test('conditions hold what is known, and take away what the client said else', () => {
  expect(validationFields({ headers: ['etag', '"a"'] })).toEqual(['if-none-match', '"a"', 'if-modified-since', '']);
});

test('a 304 says nothing of the body, except the date where there is no tag', () => {
  const all = ['content-type', 'a', 'content-location', '/b', 'last-modified', 'c', 'x-own', 'd'];
  expect(notModifiedFields(all)).toEqual(['content-location', '/b', 'last-modified', 'c', 'x-own', 'd']);
  expect(notModifiedFields([...all, 'etag', '"a"'])).not.toContain('last-modified');
});
