import type { Series } from '../run.ts';

type Point = Series['points'][number];

/**
 * Points as far as a drawing can show them: in each of so many equal spans of time the first, the lowest, the highest
 * and the last, so that no peak is lost (M4: Jugel and others, VLDB 2014). Sorted by time; a span of gaps stays one.
 */
export function thinned(points: Series['points'], spans = 300): readonly Point[] {
  const sorted = [...points].sort(([a], [b]) => a - b);
  if (sorted.length <= spans * 2) return sorted;
  return inSpans(sorted, spans).flatMap((group) => {
    const values = group.filter(([, value]) => value !== null);
    const kept = new Set([group[0], extreme(values, Math.min), extreme(values, Math.max), group.at(-1)]);
    return group.filter((point) => kept.has(point));
  });
}

/** The highest value in each of so many equal spans between two times; null where there is none. */
export function highestIn(
  points: Series['points'],
  from: number,
  to: number,
  spans: number,
): readonly (number | null)[] {
  const highest = Array.from({ length: spans }, (): number | null => null);
  for (const [at, value] of points) {
    const span = Math.min(spans - 1, Math.floor(((at - from) / (to - from)) * spans));
    if (value !== null && span >= 0) highest[span] = Math.max(highest[span] ?? value, value);
  }
  return highest;
}

/** The highest value of all; undefined where there is none. */
export function peakOf({ points }: Series): number | undefined {
  return points.reduce<number | undefined>(
    (peak, [, value]) => (value === null || (peak !== undefined && peak >= value) ? peak : value),
    undefined,
  );
}

function inSpans(sorted: readonly Point[], spans: number): readonly (readonly Point[])[] {
  const [from, to] = [sorted[0]?.[0] ?? 0, sorted.at(-1)?.[0] ?? 0];
  const groups = new Map<number, Point[]>();
  for (const point of sorted) {
    const span = to === from ? 0 : Math.min(spans - 1, Math.floor(((point[0] - from) / (to - from)) * spans));
    const group = groups.get(span);
    if (group) group.push(point);
    else groups.set(span, [point]);
  }
  return [...groups.values()];
}

/** The first of those whose value is picked; none of none. */
function extreme(points: readonly Point[], pick: (...values: number[]) => number): Point | undefined {
  const value = pick(...points.map((point) => point[1] ?? 0));
  return points.find((point) => point[1] === value);
}
