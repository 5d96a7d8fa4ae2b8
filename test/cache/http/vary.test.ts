import { describe, expect, test } from '@jest/globals';
import { varyNames, varyText } from '../../../service/cache/http/vary.ts';

test('names come in lower case, sorted, each once, from all lines', () => {
  expect(varyNames(['vary', 'B, a,', 'x', 'y', 'vary', 'b'])).toEqual(['a', 'b']);
  expect(varyNames([])).toEqual([]);
});

test.each(['*', 'a, *', '*, a', 'a b', '"a"', 'a;b', Array.from({ length: 33 }, (_, index) => `x-${index}`).join()])(
  'nothing matches %s',
  (value) => {
    expect(varyNames(['vary', value])).toBeUndefined();
  },
);

describe('requests are told apart', () => {
  const differ: [names: string[], one: Record<string, string>, other: Record<string, string>][] = [
    [['a'], {}, { a: '' }],
    [['a'], { a: '1' }, { a: '2' }],
    [['a', 'b'], { a: '1' }, { b: '1' }],
    [['accept-language'], { 'accept-language': 'en, de' }, { 'accept-language': 'de, en' }],
    [['accept'], { accept: 'text/x;a="b,c"' }, { accept: 'text/x;a="b, c"' }],
    [['cookie'], { cookie: 'a'.repeat(9_000) }, { cookie: `${'a'.repeat(8_999)}b` }],
  ];
  test.each(differ)('by %j: %j and %j', (names, one, other) => {
    expect(varyText(names, one)).not.toBe(varyText(names, other));
  });

  const same: [names: string[], one: Record<string, string | string[]>, other: Record<string, string>][] = [
    [['a'], { b: '1' }, { b: '2' }],
    [['a'], { a: ['1', '2'] }, { a: '1, 2' }],
    [['a'], { a: ' 1 ' }, { a: '1' }],
    [['accept-encoding'], { 'accept-encoding': 'gzip, BR ; q=1' }, { 'accept-encoding': 'br;q=1,,gzip' }],
    [['accept'], { accept: 'text/html , text/x' }, { accept: 'text/html,text/x' }],
  ];
  test.each(same)('or not, by %j: %j and %j', (names, one, other) => {
    expect(varyText(names, one)).toBe(varyText(names, other));
  });
});

test('a text for a key is short and on one line, whatever it was made from', () => {
  const text = varyText(['cookie'], { cookie: 'a=1; '.repeat(3_000) });
  expect(text.length).toBeLessThan(65);
  expect(text).not.toContain('\n');
});
