import { expect, test } from '@jest/globals';
import { sameValue } from '../../infra/diff/same-value.ts';

test.each<[unknown, unknown]>([
  ['1Gi', '1024Mi'],
  ['500m', '0.5'],
  ['1000m', 1],
  [2, '2000m'],
  ['1k', '1000'],
  ['60s', '1m'],
  ['90s', '1m30s'],
  ['1d', '24h'],
  ['0.1', '100m'],
])('%j and %j are one amount in two writings', (left, right) => {
  expect(sameValue(left, right)).toBe(true);
  expect(sameValue(right, left)).toBe(true);
});

test.each<[unknown, unknown]>([
  ['1Gi', '1G'],
  ['500m', '5'],
  ['1m', '1s'],
  ['1', 1],
  ['1.0', '1'],
  ['8080', 8080],
  ['0.1.0', '0.1'],
  ['redis', 'Redis'],
  [true, 'true'],
  [0, false],
])('%j and %j differ', (left, right) => {
  expect(sameValue(left, right)).toBe(false);
});
