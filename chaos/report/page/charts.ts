import type { Run, Series } from '../run.ts';
import { chart } from './chart.ts';
import { html, type Markup } from './markup.ts';
import type { TimeScale } from './scale.ts';
import { isState, states } from './states.ts';

/** A drawing of the series of a unit. Of several kinds of counts, what has states is drawn as such. */
type Kind = { readonly id: string; readonly title: string; readonly takes: (series: Series) => boolean };

/** The charts, in the order of the page; one without a series is left out. */
const CHARTS: readonly Kind[] = [
  { id: 'rates', title: 'Requests', takes: ({ unit }) => unit === 'per-second' },
  { id: 'times', title: 'Time to answer', takes: ({ unit }) => unit === 'seconds' },
  { id: 'shares', title: 'Shares', takes: ({ unit }) => unit === 'share' },
  { id: 'counts', title: 'Counts', takes: (series) => series.unit === 'count' && !isState(series) },
];

/** The series of a run, drawn over the same time as its timeline. */
export function charts(run: Run, time: TimeScale): Markup {
  const drawn = run.series.filter(({ points }) => points.some(([, value]) => value !== null));
  return html`${CHARTS.map(({ id, title, takes }) => {
    const taken = drawn.filter(takes);
    return taken.length > 0 && chart({ id, title, series: taken, run, time });
  })}${states(drawn.filter(isState), run, time)}`;
}
