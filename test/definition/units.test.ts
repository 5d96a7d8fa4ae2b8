import { describe, expect, test } from '@jest/globals';
import {
  formatDuration,
  formatMebibytes,
  parseRate,
  toBytes,
  toFraction,
  toMilliseconds,
  toSeconds,
} from '../../service/definition/index.ts';

describe('units', () => {
  test('durations', () => {
    expect(['250ms', '1.5s', '5m', '24h', '30d'].map((text) => toMilliseconds(text as '1s'))).toEqual([
      250, 1_500, 300_000, 86_400_000, 2_592_000_000,
    ]);
    expect(toSeconds('1500ms')).toBe(1.5);
    expect([0, 250, 1_500, 90_000, 120_000, 7_200_000].map(formatDuration)).toEqual([
      '0s',
      '250ms',
      '1500ms',
      '90s',
      '2m',
      '2h',
    ]);
  });

  test('memory', () => {
    expect(toBytes('1.5Gi')).toBe(1_610_612_736);
    expect(formatMebibytes(1_048_577)).toBe('2Mi');
  });

  test('ratios and rates', () => {
    expect(toFraction('0.1%')).toBeCloseTo(0.001);
    expect(parseRate('100/min')).toEqual({ limit: 100, window: '1m' });
  });

  test('refuse other text', () => {
    expect(() => toMilliseconds('30 s')).toThrow(RangeError);
    expect(() => parseRate('0/min')).toThrow(RangeError);
  });
});
