import { describe, expect, test } from '@jest/globals';
import { expectation } from '../../../chaos/report/noise.ts';

describe('what earlier times lead to expect', () => {
  test('is nothing without any', () => {
    expect(expectation([])).toBeUndefined();
  });

  test('of one or two is within a quarter: their spread is not known', () => {
    expect(expectation([40])).toEqual({ usual: 40, noise: 10 });
    expect(expectation([30, 50])).toEqual({ usual: 40, noise: 10 });
  });

  test('of more follows their spread, which one outlier does not widen', () => {
    expect(expectation([36, 40, 44, 38, 42])).toEqual({ usual: 40, noise: 3 * 1.4826 * 2 });
    expect(expectation([40, 40, 40, 40, 400])).toEqual({ usual: 40, noise: 4 });
  });

  test('holds what two of them reached', () => {
    expect(expectation([4, 9, 4, 9, 4])).toEqual({ usual: 4, noise: 5 });
  });

  test('is never finer than a second', () => {
    expect(expectation([0.2, 0.2, 0.2])).toEqual({ usual: 0.2, noise: 1 });
  });
});
