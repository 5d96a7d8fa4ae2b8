import type { Run, Series } from '../run.ts';
import { backdrop } from './backdrop.ts';
import { html, type Markup } from './markup.ts';
import { rounded, valueTicks, type TimeScale } from './scale.ts';
import { highestIn, peakOf, thinned } from './thinning.ts';
import { clock, inUnit } from './words.ts';

/** Some series of one unit that are drawn together. */
export type Chart = {
  readonly id: string;
  readonly title: string;
  readonly unit: Series['unit'];
  readonly lines: readonly Line[];
  /** How many more there are than can be told apart; they are in the raw series alone. */
  readonly left: number;
  /** The highest value of each line in equal spans of time, for whoever asks for numbers. */
  readonly spans: readonly { readonly from: number; readonly values: readonly (number | null)[] }[];
};

/** A series, the highest of its values and its colour. */
export type Line = Series & { readonly peak: number; readonly ink: string };

/** Pixels of a drawing, of which the lines leave some free above and below. */
const HEIGHT = 140;
const [TOP, BOTTOM] = [20, 14];

/** Pixels that a name beside its line takes, and how many of its letters fit. */
const LABEL = 31;
const LETTERS = 22;

const MOST_LINES = 6;
const SPANS = 24;
const INKS = ['first', 'second', 'third', 'fourth', 'fifth'];

/** A chart of series of one unit, of which there is at least one. */
export function chartOf(id: string, title: string, series: readonly Series[], time: TimeScale): Chart {
  const lines = series.slice(0, MOST_LINES).map((each, index) => ({
    ...each,
    peak: peakOf(each) ?? 0,
    // Failures have the colour of what is bad; the others take theirs in turn.
    ink: /fail|lost|error/i.test(`${each.id} ${each.title}`) ? 'bad' : (INKS[index % INKS.length] ?? 'first'),
  }));
  const columns = lines.map(({ points }) => highestIn(points, time.from, time.to, SPANS));
  return {
    id,
    title,
    unit: lines[0]?.unit ?? 'count',
    lines,
    left: series.length - lines.length,
    spans: Array.from({ length: SPANS }, (_, index) => ({
      from: time.from + ((time.to - time.from) * index) / SPANS,
      values: columns.map((column) => column[index] ?? null),
    })),
  };
}

/** Its lines over time, each with its name at its end; where there is no room for that, below. */
export function chartRow({ id, title, unit, lines, left, spans }: Chart, run: Run, time: TimeScale): Markup {
  const ticks = valueTicks(Math.max(...lines.map(({ peak }) => peak)), unit === 'count');
  const top = ticks.at(-1) ?? 1;
  const y = (value: number) => rounded(HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM));
  const desc = lines.map(({ title: name, peak }) => `${name}: at most ${inUnit(peak, unit)}`).join('; ');
  const beside = lines.length * LABEL <= HEIGHT && left === 0;
  return html`<div class="row chart" data-names="${beside ? 'beside' : 'below'}" id="chart-${id}">
    <h3 class="name">${title}</h3>
    <svg class="ticks" height="${HEIGHT}" aria-hidden="true">
      ${ticks.map((tick) => html`<text x="100%" dx="-6" y="${y(tick)}" dy="4">${inUnit(tick, unit)}</text>`)}
    </svg>
    <svg class="plot" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-desc">
      <title id="${id}-title">${title}</title>
      <desc id="${id}-desc">${desc}</desc>
      ${backdrop(run, time)}${ticks.map(
        (tick) => html`<line class="${tick === 0 ? 'base' : 'grid'}" x2="100%" y1="${y(tick)}" y2="${y(tick)}" />`,
      )}
      <svg viewBox="0 0 1000 ${HEIGHT}" preserveAspectRatio="none" height="${HEIGHT}">
        ${lines.map((line) => html`<path class="line" data-ink="${line.ink}" d="${path(line, time, y)}" />`)}
      </svg>
      ${spans.map(({ from, values }, index) => {
        const said = lines.map((line, at) => `${line.title}: ${valueWords(values[at], unit)}`);
        return html`<rect
          class="hit"
          x="${rounded((index / SPANS) * 100)}%"
          width="${rounded(100 / SPANS)}%"
          height="100%"
          ><title>${[`from ${clock(from)} UTC, at most`, ...said].join('\n')}</title></rect
        >`;
      })}
    </svg>
    ${beside && labels(lines, y)}
    <ul class="said keys">
      ${lines.map(
        ({ title: name, peak, ink }) =>
          html`<li data-ink="${ink}"><b>${name}</b> <span class="muted">at most ${inUnit(peak, unit)}</span></li>`,
      )}${left > 0 && html`<li class="muted">and ${left} more in series.csv</li>`}
    </ul>
  </div> `;
}

/** A value in words; a dash where there is none. */
export function valueWords(value: number | null | undefined, unit: Series['unit']): string {
  return value === null || value === undefined ? '–' : inUnit(value, unit);
}

function path(line: Line, time: TimeScale, y: (value: number) => number): string {
  let gap = true;
  const steps: string[] = [];
  for (const [at, value] of thinned(line.points)) {
    if (value !== null) steps.push(`${gap ? 'M' : 'L'}${rounded(time.at(at) * 10)} ${y(value)}`);
    gap = value === null;
  }
  return steps.join('');
}

/** The names of the lines as near to their ends as they can be without touching each other. */
function labels(lines: readonly Line[], y: (value: number) => number): Markup {
  const ends = lines.map((line) => ({ line, end: y(line.points.findLast(([, value]) => value !== null)?.[1] ?? 0) }));
  ends.sort((a, b) => a.end - b.end || b.line.peak - a.line.peak);
  let free = 0;
  const placed = ends.map(({ line, end }, index) => {
    const lowest = HEIGHT - (ends.length - index) * LABEL;
    const at = Math.max(free, Math.min(lowest, end - LABEL / 2));
    free = at + LABEL;
    return { line, end, at };
  });
  return html`<svg class="labels" height="${HEIGHT}" aria-hidden="true">
    ${placed.map(
      ({ line, end, at }) =>
        html`<g data-ink="${line.ink}">
          <path class="lead" d="M0 ${end}L10 ${rounded(at + 11)}" />
          <text class="line-name" x="14" y="${rounded(at + 14)}">${shortened(line.title)}</text>
          <text x="14" y="${rounded(at + 27)}">at most ${inUnit(line.peak, line.unit)}</text>
        </g>`,
    )}
  </svg>`;
}

function shortened(text: string): string {
  const letters = Array.from(text);
  return letters.length > LETTERS ? `${letters.slice(0, LETTERS - 1).join('')}…` : text;
}
