import type { Run, Series } from '../run.ts';
import { chartOf, chartRow, type Chart } from './chart.ts';
import { html, type Markup } from './markup.ts';
import type { TimeScale } from './scale.ts';
import { peakOf } from './thinning.ts';
import { listed } from './words.ts';
import { isState, stateRows, stillWords } from './states.ts';

type Kind = { readonly id: string; readonly title: string; readonly takes: (series: Series) => boolean };

/** The charts, in the order of the page; one without a series is left out. */
const CHARTS: readonly Kind[] = [
  { id: 'rates', title: 'Requests', takes: ({ unit }) => unit === 'per-second' },
  { id: 'times', title: 'Time to answer', takes: ({ unit }) => unit === 'seconds' },
  { id: 'shares', title: 'Shares', takes: ({ unit }) => unit === 'share' },
  { id: 'counts', title: 'Counts', takes: (series) => series.unit === 'count' && !isState(series) },
];

/** The charts of a run, each of the series of one unit. */
export function chartsOf({ series }: Run, time: TimeScale): readonly Chart[] {
  const drawn = withValues(series);
  return CHARTS.flatMap(({ id, title, takes }) => {
    const taken = drawn.filter((each) => takes(each) && !isFlat(each));
    return taken.length === 0 ? [] : [chartOf(id, title, taken, time)];
  });
}

/** The charts, and below them what was open or firing and when. */
export function chartRows(charts: readonly Chart[], run: Run, time: TimeScale): Markup {
  return html`${charts.map((chart) => chartRow(chart, run, time))}${stateRows(statesOf(run), run, time)}`;
}

/** What is not drawn because nothing happened to it. */
export function quietWords(run: Run): readonly string[] {
  const flat = withValues(run.series).filter((each) => !isState(each) && isFlat(each));
  return [
    ...(flat.length === 0 ? [] : [`Stayed at 0: ${listed(flat.map(({ title }) => title))}.`]),
    ...stillWords(statesOf(run)),
  ];
}

function isFlat(series: Series): boolean {
  return peakOf(series) === 0;
}

function statesOf({ series }: Run): readonly Series[] {
  return withValues(series).filter(isState);
}

function withValues(series: readonly Series[]): readonly Series[] {
  return series.filter(({ points }) => points.some(([, value]) => value !== null));
}
