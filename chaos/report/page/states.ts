import type { Run, Series } from '../run.ts';
import { backdrop, span } from './backdrop.ts';
import { html, type Markup } from './markup.ts';
import type { TimeScale } from './scale.ts';
import { clock, count, listed, seconds } from './words.ts';

type Kind = {
  readonly id: string;
  readonly title: string;
  readonly named: RegExp;
  /** What it does when its count is not 0. */
  readonly active: string;
  readonly idle: string;
};

/** Counts that are 0 unless something is the case, by what their series' ids hold. */
const KINDS: readonly Kind[] = [
  { id: 'breakers', title: 'Breakers', named: /^breaker/, active: 'open', idle: 'stayed closed' },
  { id: 'alerts', title: 'Alerts', named: /^alert/, active: 'firing', idle: 'stayed silent' },
];

/** A time in which a count was not 0. */
type Stretch = { readonly from: number; readonly to: number; readonly most: number };

/** Whether a series says since when something is the case, rather than how much of it there is. */
export function isState({ unit, id }: Series): boolean {
  return unit === 'count' && KINDS.some(({ named }) => named.test(id));
}

/** Breakers and alerts: a bar for as long as one was open or fired. */
export function stateRows(series: readonly Series[], run: Run, time: TimeScale): Markup {
  return html`${KINDS.map((kind) => {
    const moved = series.filter((each) => kind.named.test(each.id) && isMoved(each));
    return moved.length > 0 && group(kind, moved, run, time);
  })}`;
}

/** Those of which there was nothing to draw, in a sentence a kind. */
export function stillWords(series: readonly Series[]): readonly string[] {
  return KINDS.flatMap(({ title, named, idle }) => {
    const still = series.filter((each) => named.test(each.id) && !isMoved(each)).map((each) => each.title);
    return still.length === 0 ? [] : [`${title} that ${idle}: ${listed(still)}.`];
  });
}

function isMoved({ points }: Series): boolean {
  return points.some(([, value]) => value !== null && value > 0);
}

function group({ id, title, active }: Kind, series: readonly Series[], run: Run, time: TimeScale): Markup {
  return html`<div class="row group" id="chart-${id}">
      <h3 class="name">${title}</h3>
      <svg class="plot" aria-hidden="true">${backdrop(run, time)}</svg>
    </div>
    <ul class="rows">
      ${series.map((each, index) => row(`${id}-${index}`, each, active, run, time))}
    </ul>`;
}

function row(id: string, series: Series, active: string, run: Run, time: TimeScale): Markup {
  const stretches = stretchesOf(series, run.endedAt);
  const most = Math.max(...stretches.map((each) => each.most));
  const total = stretches.reduce((sum, { from, to }) => sum + to - from, 0) / 1000;
  const words = stretches.map(
    ({ from, to, most }) => `${active} ${clock(from)} to ${clock(to)} UTC, at most ${count(most)}`,
  );
  const wrong = run.assertions.some(
    ({ id: each, outcome }) => each === `silent-${series.title}` && outcome === 'broke',
  );
  return html`<li class="row state" data-wrong="${String(wrong)}">
    <span class="name">${series.title}</span>
    <svg class="plot" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-desc">
      <title id="${id}-title">${series.title}</title>
      <desc id="${id}-desc">${words.join('; ')}</desc>
      ${backdrop(run, time)}
      <svg y="50%" overflow="visible">
        ${stretches.map(({ from, to }, index) => {
          const { x, width } = span(time, from, to);
          return html`<rect class="active" x="${x}%" y="-7" width="${Math.max(width, 0.3)}%" height="14" rx="2"
            ><title>${words[index]}</title></rect
          >`;
        })}
      </svg>
    </svg>
    <span class="said"
      ><b>${wrong && html`<span aria-hidden="true">▲ </span>`}${active} ${seconds(total)}</b
      >${most > 1 && html` <span class="muted">at most ${count(most)}</span>`}</span
    >
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
