import type { Run, Series } from '../run.ts';
import { backdrop } from './backdrop.ts';
import { html, type Markup } from './markup.ts';
import { rounded, valueTicks, type TimeScale } from './scale.ts';
import { highestIn, peakOf, thinned } from './thinning.ts';
import { clock, inUnit } from './words.ts';

/** A chart of some series of one unit. */
type Chart = {
  readonly id: string;
  readonly title: string;
  readonly series: readonly Series[];
  readonly run: Run;
  readonly time: TimeScale;
};

/** Pixels of its drawing, of which the lines leave some free above and below. */
const HEIGHT = 128;
const [TOP, BOTTOM] = [14, 8];

/** More lines than these cannot be told apart; the rest is in the raw series. */
const MOST_LINES = 6;

/** Spans of time whose values are shown when the pointer rests on them, and that the table has. */
const SPANS = 24;

/** Lines over time with their names at their ends, and the same as a table. */
export function chart({ id, title, series, run, time }: Chart): Markup {
  const lines = series.slice(0, MOST_LINES).map((each, index) => ({ ...each, ink: inkOf(each, index) }));
  const unit = lines[0]?.unit ?? 'count';
  const highest = Math.max(...lines.map((each) => peakOf(each) ?? 0));
  const ticks = valueTicks(highest, unit === 'count');
  const top = ticks.at(-1) ?? 1;
  const y = (value: number) => rounded(HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM));
  const desc = lines.map((each) => `${each.title}: at most ${inUnit(peakOf(each) ?? 0, unit)}`).join('; ');
  const spans = spansOf(lines, time);
  return html`<div class="row chart" id="chart-${id}">
    <h3 class="name">${title}</h3>
    <svg class="ticks" height="${HEIGHT}" aria-hidden="true">
      ${ticks.map((tick) => html`<text x="100%" dx="-6" y="${y(tick)}" dy="4">${inUnit(tick, unit)}</text>`)}
    </svg>
    <svg class="plot" height="${HEIGHT}" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-desc">
      <title id="${id}-title">${title}</title>
      <desc id="${id}-desc">${desc}</desc>
      ${backdrop(run, time)}${ticks.map(
        (tick) => html`<line class="${tick === 0 ? 'base' : 'grid'}" x2="100%" y1="${y(tick)}" y2="${y(tick)}" />`,
      )}<svg viewBox="0 0 1000 ${HEIGHT}" preserveAspectRatio="none" height="${HEIGHT}">
        ${lines.map((each) => html`<path class="line" data-ink="${each.ink}" d="${path(each, time, y)}" />`)}</svg
      >${spans.map(
        ({ from, values }, index) =>
          html`<rect class="hit" x="${rounded((index / SPANS) * 100)}%" width="${rounded(100 / SPANS)}%" height="100%"
            ><title>${spanWords(from, values, lines)}</title></rect
          >`,
      )}
    </svg>
    <ul class="said keys">
      ${lines.map(
        (each) =>
          html`<li data-ink="${each.ink}">
            <b>${each.title}</b> <span class="muted">at most ${inUnit(peakOf(each) ?? 0, unit)}</span>
          </li>`,
      )}${series.length > MOST_LINES && html`<li class="muted">and ${series.length - MOST_LINES} more in series.csv</li>`}
    </ul>
    ${table(title, lines, spans)}
  </div> `;
}

/** Failures have the colour of what is bad; the others take theirs in turn. */
function inkOf({ id, title }: Series, index: number): string {
  return /fail|lost|error/i.test(`${id} ${title}`) ? 'bad' : (INKS[index % INKS.length] ?? 'aside');
}

const INKS = ['first', 'second', 'third', 'fourth', 'fifth'];

function path(series: Series, time: TimeScale, y: (value: number) => number): string {
  let gap = true;
  const steps: string[] = [];
  for (const [at, value] of thinned(series.points)) {
    if (value !== null) steps.push(`${gap ? 'M' : 'L'}${rounded(time.at(at) * 10)} ${y(value)}`);
    gap = value === null;
  }
  return steps.join('');
}

type Span = { readonly from: number; readonly values: readonly (number | null)[] };

function spansOf(lines: readonly Series[], time: TimeScale): readonly Span[] {
  const columns = lines.map(({ points }) => highestIn(points, time.from, time.to, SPANS));
  return Array.from({ length: SPANS }, (_, index) => ({
    from: time.from + ((time.to - time.from) * index) / SPANS,
    values: columns.map((column) => column[index] ?? null),
  }));
}

function spanWords(from: number, values: Span['values'], lines: readonly Series[]): string {
  const said = lines.map(({ title, unit }, index) => `${title}: ${valueWords(values[index], unit)}`);
  return [`from ${clock(from)} UTC, at most`, ...said].join('\n');
}

function table(title: string, lines: readonly Series[], spans: readonly Span[]): Markup {
  return html`<details class="numbers">
    <summary>${title} as a table</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="${title} as a table">
      <table>
        <caption>
          The highest value of each span; every point is in series.csv.
        </caption>
        <thead>
          <tr>
            <th scope="col">From, UTC</th>
            ${lines.map((line) => html`<th scope="col" class="number">${line.title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${spans.map(
            ({ from, values }) =>
              html` <tr>
                <th scope="row">${clock(from)}</th>
                ${lines.map(({ unit }, index) => html`<td class="number">${valueWords(values[index], unit)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}

function valueWords(value: number | null | undefined, unit: Series['unit']): string {
  return value === null || value === undefined ? '–' : inUnit(value, unit);
}
