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

/** A series, the highest of its values, its colour and its dashes. */
export type Line = Series & { readonly peak: number; readonly ink: string; readonly dash: number };

/** Pixels of a drawing at least, of which the lines leave some free above and below. */
const HEIGHT = 140;
const [TOP, BOTTOM] = [20, 14];

/** Pixels of a line of words beside the end of a line, between two such names, and the letters that fit. */
const [WORDS, APART, LETTERS] = [13, 6, 21];

/** More names than these would stand too far from what they name. */
const MOST_BESIDE = 4;

const MOST_LINES = 6;
const SPANS = 24;
const DASHES = 3;
const INKS = ['first', 'second', 'third', 'fourth', 'fifth'];

/** A chart of series of one unit, of which there is at least one. */
export function chartOf(id: string, title: string, series: readonly Series[], time: TimeScale): Chart {
  const lines = series.slice(0, MOST_LINES).reduce<readonly Line[]>((before, each) => {
    // Failures have the colour of what is bad, the others take theirs in turn; of the same colour each has its dashes.
    const bad = /fail|lost|error/i.test(`${each.id} ${each.title}`);
    const dash = before.filter(({ ink }) => (ink === 'bad') === bad).length;
    const ink = bad ? 'bad' : (INKS[dash % INKS.length] ?? 'first');
    return [...before, { ...each, peak: peakOf(each) ?? 0, ink, dash: dash % DASHES }];
  }, []);
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
  const beside = lines.length <= MOST_BESIDE && left === 0;
  const height = Math.max(HEIGHT, beside ? lines.reduce((sum, line) => sum + heightOf(line), 0) : 0);
  const y = (value: number) => rounded(height - BOTTOM - (value / top) * (height - TOP - BOTTOM));
  const desc = lines.map(({ title: name, peak }) => `${name}: at most ${inUnit(peak, unit)}`).join('; ');
  return html`<div class="row chart" data-names="${beside ? 'beside' : 'below'}" id="chart-${id}">
    <h3 class="name">${title}</h3>
    <svg class="ticks" height="${height}" aria-hidden="true">
      ${ticks.map((tick) => html`<text x="100%" dx="-6" y="${y(tick)}" dy="4">${inUnit(tick, unit)}</text>`)}
    </svg>
    <svg class="plot" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-desc">
      <title id="${id}-title">${title}</title>
      <desc id="${id}-desc">${desc}</desc>
      ${backdrop(run, time)}${ticks.map(
        (tick) => html`<line class="${tick === 0 ? 'base' : 'grid'}" x2="100%" y1="${y(tick)}" y2="${y(tick)}" />`,
      )}
      <svg viewBox="0 0 1000 ${height}" preserveAspectRatio="none" height="${height}">
        ${lines.map((line) => html`<path class="line" data-ink="${line.ink}" data-dash="${line.dash}" d="${path(line, time, y)}" />`)}
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
    ${beside && labels(lines, y, height)}
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
function labels(lines: readonly Line[], y: (value: number) => number, height: number): Markup {
  const ends = lines.map((line) => ({ line, end: y(line.points.findLast(([, value]) => value !== null)?.[1] ?? 0) }));
  ends.sort((a, b) => a.end - b.end || b.line.peak - a.line.peak);
  let free = 0;
  let below = ends.reduce((sum, { line }) => sum + heightOf(line), 0);
  return html`<svg class="labels" height="${height}" aria-hidden="true">
    ${ends.map(({ line, end }) => {
      const at = Math.max(free, Math.min(height - below, end - heightOf(line) / 2));
      free = at + heightOf(line);
      below -= heightOf(line);
      const words = [...folded(line.title), `at most ${inUnit(line.peak, line.unit)}`];
      return html`<g data-ink="${line.ink}">
        <path class="lead" d="M0 ${end}L10 ${rounded(at + WORDS)}" />
        ${words.map(
          (text, index) =>
            html`<text
              class="${index < words.length - 1 && 'line-name'}"
              x="14"
              y="${rounded(at + WORDS * (index + 1))}"
              >${text}</text
            >`,
        )}
      </g>`;
    })}
  </svg>`;
}

function heightOf({ title }: Line): number {
  return (folded(title).length + 1) * WORDS + APART;
}

/** A name on at most two lines; what does not fit on them stands in the description and in the table. */
function folded(text: string): readonly string[] {
  const lines = text.split(/\s+/).reduce<readonly string[]>((done, word) => {
    const [last, ...others] = done.toReversed();
    return last !== undefined && `${last} ${word}`.length <= LETTERS
      ? [...others.toReversed(), `${last} ${word}`]
      : [...done, word];
  }, []);
  const kept = lines.length > 2 ? [lines[0] ?? '', `${lines[1] ?? ''} …`] : lines;
  return kept.map((line) => {
    const letters = Array.from(line);
    return letters.length > LETTERS + 2 ? `${letters.slice(0, LETTERS).join('')}…` : line;
  });
}
