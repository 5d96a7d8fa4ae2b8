import { expect, test } from '@jest/globals';
import { count, inUnit, listed, many, percent, seconds } from '../../../../chaos/report/page/words.ts';

test.each([
  [0, '0 s'],
  [0.0004, '0.4 ms'],
  [0.0124, '12.4 ms'],
  [0.9999, '1 s'],
  [4.2, '4.2 s'],
  [9.999, '10 s'],
  [104.51, '104.5 s'],
  [120, '2 min'],
  [150.4, '2 min 30 s'],
  [3_600, '1 h'],
  [5_430, '1 h 30 min'],
  [-130, '−2 min 10 s'],
])('%d seconds are %s', (value, words) => {
  expect(seconds(value)).toBe(words);
});

test('shares, counts and rates have their units', () => {
  expect([percent(0.0147), percent(0), percent(1), percent(0.00001)]).toEqual(['1.47 %', '0 %', '100 %', '0.001 %']);
  expect([count(9_674), count(0.5)]).toEqual(['9,674', '0.5']);
  expect([inUnit(44.96, 'per-second'), inUnit(2, 'count')]).toEqual(['45/s', '2']);
});

test('names are listed as in a sentence', () => {
  expect([listed([]), listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c'])]).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ]);
  expect([many(1, 'run'), many(2, 'run')]).toEqual(['1 run', '2 runs']);
});
