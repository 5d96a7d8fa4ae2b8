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
  return [
    ...lanes.flatMap((lane) => [
      line(
        { id: `requests-${lane}`, title: `requests of the ${lane} lane`, unit: 'per-second' },
        ofLane(lane, ({ sent }) => sent),
      ),
      line(
        { id: `failed-${lane}`, title: `failures of the ${lane} lane`, unit: 'per-second' },
        ofLane(lane, ({ failed }) => failed),
      ),
      line(
        { id: `p99-${lane}`, title: `99th percentile of the ${lane} lane`, unit: 'seconds' },
        ofLane(lane, ({ p99 }) => p99),
      ),
    ]),
    line({ id: 'open-breakers', title: 'breakers that are open', unit: 'count' }, (each) => each.openBreakers?.length),
    line({ id: 'alerts-firing', title: 'alerts that fire', unit: 'count' }, (each) => each.firing?.length),
  ];
}
