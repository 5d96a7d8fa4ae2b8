import { expect, test } from '@jest/globals';
import { findQuantity, parseQuantity } from '../../../../alerts/rollback/cluster/quantity.ts';

test.each([
  ['250m', 0.25],
  ['1Gi', 2 ** 30],
  ['1.5k', 1500],
  ['.5', 0.5],
  ['1e3', 1000],
  [3, 3],
])('%s is %d', (text, number) => {
  expect(findQuantity(text)).toBe(number);
});

test.each(['', 'Gi', '1 Gi', '1Zi', '1.2.3', '-'])("'%s' is no quantity", (text) => {
  expect(findQuantity(text)).toBeUndefined();
  expect(() => parseQuantity(text)).toThrow(`'${text}' is no quantity`);
});
