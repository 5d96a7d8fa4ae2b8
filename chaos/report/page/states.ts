import type { Run, Series } from '../run.ts';
import { backdrop, span } from './backdrop.ts';
import { html, type Markup } from './markup.ts';
import type { TimeScale } from './scale.ts';
import { clock, count, listed, seconds } from './words.ts';

type Kind = {
  readonly id: string;
  readonly title: string;
  readonly prefix: RegExp;
  /** What it does when its count is not 0. */
  readonly active: string;
  readonly idle: string;
};

/** Counts that are 0 unless something is the case, by how their series' ids begin. */
const KINDS: readonly Kind[] = [
  { id: 'breakers', title: 'Breakers', prefix: /^breakers?\b/i, active: 'open', idle: 'stayed closed' },
  { id: 'alerts', title: 'Alerts', prefix: /^alerts?\b/i, active: 'firing', idle: 'stayed silent' },
];

/** A time in which a count was not 0. */
type Stretch = { readonly from: number; readonly to: number; readonly most: number };

/** Whether a series says since when something is the case, rather than how much of it there is. */
export function isState({ unit, id }: Series): boolean {
  return unit === 'count' && KINDS.some(({ prefix }) => prefix.test(id));
}

/** Breakers and alerts: a bar for as long as one is open or fires; those that never were are named. */
export function states(series: readonly Series[], run: Run, time: TimeScale): Markup {
  return html`${KINDS.map((kind) => {
    const taken = series.filter(({ id }) => kind.prefix.test(id));
    return taken.length > 0 && group(kind, taken, run, time);
  })}`;
}

function group({ id, title, active, idle }: Kind, series: readonly Series[], run: Run, time: TimeScale): Markup {
  const rows = series.map((each) => ({ each, stretches: stretchesOf(each, run.endedAt) }));
  const moved = rows.filter(({ stretches }) => stretches.length > 0);
  const still = rows.filter(({ stretches }) => stretches.length === 0).map(({ each }) => each.title);
  return html`<div class="row group" id="chart-${id}">
      <h3 class="name">${title}</h3>
      <svg class="plot" height="26" aria-hidden="true">${backdrop(run, time)}</svg>
    </div>
    <ul class="rows">
      ${moved.map(({ each, stretches }, index) => row(`${id}-${index}`, each, stretches, active, run, time))}${
        still.length > 0 &&
        html`<li class="row state">
          <span class="name muted">${moved.length === 0 ? 'all' : 'the others'}</span
          ><svg class="plot" height="26" aria-hidden="true">${backdrop(run, time)}</svg
          ><span class="said muted">${idle}</span><span class="below muted">${listed(still)}</span>
        </li> `
      }
    </ul> `;
}

function row(
  id: string,
  series: Series,
  stretches: readonly Stretch[],
  active: string,
  run: Run,
  time: TimeScale,
): Markup {
  const total = stretches.reduce((sum, { from, to }) => sum + to - from, 0) / 1000;
  const words = stretches.map(
    ({ from, to, most }) => `${active} ${clock(from)} to ${clock(to)} UTC, at most ${count(most)}`,
  );
  return html`<li class="row state">
    <span class="name">${series.title}</span>
    <svg class="plot" height="26" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-desc">
      <title id="${id}-title">${series.title}</title>
      <desc id="${id}-desc">${words.join('; ')}</desc>
      ${backdrop(run, time)}${stretches.map(({ from, to }, index) => {
        const { x, width } = span(time, from, to);
        return html`<rect class="active" x="${x}%" width="${Math.max(width, 0.3)}%" y="6" height="14" rx="2"
          ><title>${words[index]}</title></rect
        >`;
      })}
    </svg>
    <span class="said"><b>${active} ${seconds(total)}</b></span>
  </li> `;
}

/** From the first point that is not 0 until the next that is; a gap ends it too. */
function stretchesOf({ points }: Series, end: number): readonly Stretch[] {
  const found: Stretch[] = [];
  let current: Stretch | undefined;
  for (const [at, value] of [...points].sort(([a], [b]) => a - b)) {
    const active = value !== null && value > 0;
    if (active) current = { from: current?.from ?? at, to: at, most: Math.max(current?.most ?? 0, value) };
    else if (current) {
      found.push({ ...current, to: at });
      current = undefined;
    }
  }
  if (current) found.push({ ...current, to: Math.max(current.to, end) });
  return found;
}
