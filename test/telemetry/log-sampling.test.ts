import { describe, expect, test } from '@jest/globals';
import { AccessSampling } from '../../service/telemetry/log-sampling.ts';

describe('sampling of request lines', () => {
  test('keeps every failure and the first successes of each second, and tells what it left out', () => {
    const told: number[] = [];
    const sampling = new AccessSampling({ tell: (omitted) => told.push(omitted) });
    const admitted = Array.from({ length: 200 }, () => sampling.admits(false, 1_000)).filter(Boolean).length;
    expect(admitted).toBe(50);
    expect(Array.from({ length: 200 }, () => sampling.admits(true, 1_500)).every(Boolean)).toBe(true);
    expect(sampling.admits(false, 2_000)).toBe(true);
    expect(told).toEqual([150]);
  });

  test('keeps failures alone where no line of a success is wanted', () => {
    const sampling = new AccessSampling({ linesPerSecond: 0, tell: () => undefined });
    expect([sampling.admits(false, 0), sampling.admits(true, 0)]).toEqual([false, true]);
  });
});
