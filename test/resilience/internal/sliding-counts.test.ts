import { expect, test } from '@jest/globals';
import { SlidingCounts } from '../../../service/resilience/internal/sliding-counts.ts';
import { seeded } from '../seeded.ts';

test('a sum is between what the last nine tenths of the window held and what all of it did', () => {
  const random = seeded(1);
  const counts = new SlidingCounts(1_000, 2);
  const added: { column: number; time: number }[] = [];
  let time = 0;
  for (let step = 0; step < 5_000; step++) {
    time += random() < 0.01 ? random() * 3_000 : random() * 20;
    const column = random() < 0.3 ? 1 : 0;
    counts.add(column, time);
    added.push({ column, time });
    for (const asked of [0, 1]) {
      const since = (ms: number) => added.filter((one) => one.column === asked && one.time > time - ms).length;
      const sum = counts.sum(asked, time);
      expect(sum).toBeGreaterThanOrEqual(since(900));
      expect(sum).toBeLessThanOrEqual(since(1_000));
    }
    if (added.length > 300) added.splice(0, 100);
  }
});

test('a clock that stands still or begins anywhere does no harm', () => {
  const counts = new SlidingCounts(1_000, 1);
  expect(counts.sum(0, 1e12)).toBe(0);
  for (let step = 0; step < 5; step++) counts.add(0, 1e12);
  expect(counts.sum(0, 1e12)).toBe(5);
  counts.clear();
  expect(counts.sum(0, 1e12)).toBe(0);
});
