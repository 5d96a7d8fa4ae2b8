import { describe, expect, test } from '@jest/globals';
import { Sampling } from '../../../service/telemetry/trace/sampling.ts';

const sampling = (options: Partial<ConstructorParameters<typeof Sampling>[0]> = {}) =>
  new Sampling({ share: 0.01, slowMs: 1_000, askedPerSecond: 5, keptPerSecond: 10, ...options });
const WELL = { status: 200, brokeOff: false, waitedMs: 20 };

describe('the traces that are kept', () => {
  test('are the share of all, decided when a request comes', () => {
    let drawn = 0;
    const each = sampling({ random: () => (drawn++ % 100) / 100 });
    const kept = Array.from({ length: 10_000 }, (_, time) => each.begins(false, time)).filter(Boolean).length;
    expect(kept).toBe(100);
  });

  test.each<[share: number, kept: boolean]>([
    [0, false],
    [1, true],
  ])('are none or all at a share of %d', (share, kept) => {
    for (const random of [0, 0.5, 0.999_999])
      expect(sampling({ share, random: () => random }).begins(false, 0)).toBe(kept);
  });

  test('are those that callers record, so many in a second, and the share of the rest', () => {
    const each = sampling({ random: () => 0.5 });
    const asked = (time: number) => Array.from({ length: 100 }, () => each.begins(true, time)).filter(Boolean).length;
    expect([asked(0), asked(999), asked(1_000), asked(60_000)]).toEqual([5, 0, 5, 5]);
  });

  test('are those that failed, broke off or were slow', () => {
    const each = sampling();
    expect(each.isNotable(WELL)).toBe(false);
    expect(each.isNotable({ ...WELL, status: 404 })).toBe(false);
    expect(each.isNotable({ ...WELL, status: 499 })).toBe(false);
    expect(each.isNotable({ ...WELL, status: 500 })).toBe(true);
    expect(each.isNotable({ ...WELL, brokeOff: true })).toBe(true);
    expect(each.isNotable({ ...WELL, waitedMs: 999.9 })).toBe(false);
    expect(each.isNotable({ ...WELL, waitedMs: 1_000 })).toBe(true);
  });

  test('are no more than so many in a second, whatever their reason', () => {
    const each = sampling();
    const kept = (time: number) => Array.from({ length: 100 }, () => each.hasRoom(time)).filter(Boolean).length;
    expect([kept(100), kept(500), kept(1_100)]).toEqual([10, 0, 10]);
  });
});
