import type { Series } from '../../report/run.ts';
import type { LaneFigures } from '../events.ts';
import type { Figures } from './course.ts';

/** The lines of a run's charts, a point a second. */
export function seriesOf(figures: readonly Figures[]): readonly Series[] {
  const lanes = [...new Set(figures.flatMap((each) => each.lanes.map(({ lane }) => lane)))].sort();
  const line = (series: Omit<Series, 'points'>, value: (figures: Figures) => number | undefined): Series => ({
    ...series,
    points: figures.map((each) => [each.at, value(each) ?? null] as const),
  });
  const ofLane = (lane: string, pick: (figures: LaneFigures) => number | undefined) => (each: Figures) => {
    const found = each.lanes.find((those) => those.lane === lane);
    return found && pick(found);
  };
  const titled = (lane: string, what: string): string => (lanes.length > 1 ? `${what}, ${lane}` : what);
  const named = (prefix: string, pick: (figures: Figures) => readonly string[] | undefined): readonly Series[] =>
    [...new Set(figures.flatMap((each) => pick(each) ?? []))]
      .sort()
      .map((name) =>
        line(
          { id: `${prefix}-${name}`, title: name, unit: 'count' },
          (each) => pick(each)?.filter((one) => one === name).length,
        ),
      );
  return [
    ...lanes.flatMap((lane) => [
      line(
        { id: `requests-${lane}`, title: titled(lane, 'requests'), unit: 'per-second' },
        ofLane(lane, ({ sent }) => sent),
      ),
      line(
        { id: `failed-${lane}`, title: titled(lane, 'failures'), unit: 'per-second' },
        ofLane(lane, ({ failed }) => failed),
      ),
      line(
        { id: `p99-${lane}`, title: titled(lane, '99th percentile'), unit: 'seconds' },
        ofLane(lane, ({ p99 }) => p99),
      ),
    ]),
    ...named('breaker', ({ openBreakers }) => openBreakers),
    ...named('alert', ({ firing }) => firing),
  ];
}
