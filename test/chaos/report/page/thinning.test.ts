import { describe, expect, test } from '@jest/globals';
import { highestIn, thinned } from '../../../../chaos/report/page/thinning.ts';

const wave = Array.from({ length: 10_000 }, (_, index) => [index, Math.sin(index / 50)] as const);

describe('points that are drawn', () => {
  test('are all of them where they are few, sorted by time', () => {
    expect(
      thinned([
        [2, 1],
        [1, null],
        [3, 0],
      ]),
    ).toEqual([
      [1, null],
      [2, 1],
      [3, 0],
    ]);
  });

  test('are at most four in each span where they are many, with the first, the last and every peak', () => {
    const points = wave.map(([at, value]) => [at, at === 5_003 ? 50 : at === 7_009 ? -50 : value] as const);
    const kept = thinned(points, 100);
    expect(kept.length).toBeLessThanOrEqual(400);
    expect(kept[0]).toEqual(points[0]);
    expect(kept.at(-1)).toEqual(points.at(-1));
    expect(kept).toContainEqual([5_003, 50]);
    expect(kept).toContainEqual([7_009, -50]);
    expect(kept.map(([at]) => at)).toEqual([...kept.map(([at]) => at)].sort((a, b) => a - b));
  });

  test('keep a gap as long as a span', () => {
    const points = wave.map(([at, value]) => [at, at > 2_000 && at < 4_000 ? null : value] as const);
    const inside = thinned(points, 100).filter(([at]) => at > 2_000 && at < 4_000);
    expect(inside.length).toBeGreaterThan(10);
    expect(inside.every(([, value]) => value === null)).toBe(true);
  });
});

test('the highest of each span is that of its points, and none where it has none', () => {
  expect(
    highestIn(
      [
        [0, 1],
        [4, 3],
        [5, null],
        [9, 2],
        [10, 7],
      ],
      0,
      10,
      5,
    ),
  ).toEqual([1, null, 3, null, 7]);
});
