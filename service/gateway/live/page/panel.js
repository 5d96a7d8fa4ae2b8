import { createChart } from './chart.js';
import { createStrokes } from './colours.js';
import { placeAfter, placeOf } from './cursor.js';
import { element, setText } from './dom.js';
import { createLegend } from './legend.js';
import { chooseLines, headline } from './series.js';
import { clock, inUnit } from './units.js';

/** @import { LivePanel } from '../wire.ts' */
/** @import { Chart } from './chart.js' */
/** @import { Cursor } from './cursor.js' */
/** @import { History } from './series.js' */

/**
 * What all panels share.
 * @typedef {object} Shared
 * @property {History} history
 * @property {Cursor} cursor
 * @property {() => Readonly<Record<string, string>>} colours
 * @property {number} span seconds that charts show
 * @property {(words: string) => void} speak
 */

/**
 * @typedef {object} Card
 * @property {HTMLElement} root
 * @property {() => void} update after new points
 * @property {() => void} restyle after a change of theme
 */

/** Entries of a legend: in two columns, or in one where names are long. */
const ENTRIES = { short: 6, long: 4 };
const LONG_NAME = 14;

/**
 * One panel: its title, its last value, its chart and its legend.
 * @param {LivePanel} panel
 * @param {Shared} shared
 * @returns {Card}
 */
export function createCard(panel, { history, cursor, colours, span, speak }) {
  const { id, title, unit, threshold } = panel;
  const names = panel.series.map(({ name }) => name);
  const strokeOf = createStrokes(panel.series);
  const value = element('b');
  const of = element('span', { class: 'of' });
  const plot = element('div', {
    class: 'plot',
    tabindex: '0',
    role: 'application',
    'aria-roledescription': 'chart',
    'aria-label': `${title}: arrow keys read the values`,
  });
  const empty = element('p', { class: 'empty' }, 'no data yet');
  const isLong = names.some((name) => name.length > LONG_NAME);
  const entries = isLong ? ENTRIES.long : ENTRIES.short;
  const legend = createLegend({ names, strokeOf, unit, threshold });
  const root = element(
    'article',
    { class: 'card', id: `panel-${id}`, 'aria-labelledby': `title-${id}` },
    element(
      'header',
      {},
      element('h3', { id: `title-${id}`, title }, title),
      element(
        'details',
        { class: 'what' },
        element('summary', { 'aria-label': `What ${title} shows` }, '?'),
        element('p', {}, panel.description),
      ),
      element('p', { class: 'value' }, value, of),
    ),
    element('div', { class: 'frame' }, plot, empty),
    ...(names.length > 1 || threshold ? [legend.root] : []),
  );
  const most = Math.min(names.length, entries) + (threshold ? 1 : 0);
  legend.root.dataset.columns = isLong ? '1' : '2';
  legend.root.style.setProperty('--rows', String(isLong ? most : Math.ceil(most / 2)));
  /** @type {Chart | undefined} */
  let chart;
  let visible = false;
  let stale = true;
  /** @type {readonly number[]} */
  let shown = [];

  function draw() {
    if (!visible) return;
    if (stale) {
      const lines = history.linesOf(id);
      const chosen = chooseLines(lines, entries);
      if (chosen.shown.join() !== shown.join()) clear();
      shown = chosen.shown;
      chart ??= createChart({
        host: plot,
        unit,
        threshold,
        strokes: shown.map(strokeOf),
        span,
        colours: colours(),
        onPoint: cursor.set,
      });
      chart.draw(
        history.times,
        shown.map((index) => lines[index] ?? []),
      );
      legend.choose(shown, chosen.others);
      empty.hidden = lines.some((line) => line.some((each) => each !== null));
      setText(empty, history.times.length < 2 ? 'waiting for the first points' : 'nothing in this time');
      stale = false;
    }
    point();
  }

  function clear() {
    chart?.destroy();
    chart = undefined;
  }

  function point() {
    if (!visible) return;
    const lines = history.linesOf(id);
    const place = placeOf(history.times, cursor.time);
    const { name, value: number } = headline(lines, names, unit, place);
    setText(value, number === null ? '–' : inUnit(number, unit));
    setText(of, names.length > 1 ? name : '');
    root.dataset.crossed = String(isCrossed(lines, place));
    legend.update(lines, place);
    chart?.point(cursor.time === undefined ? undefined : history.times[place]);
  }

  /**
   * @param {readonly (readonly (number | null)[])[]} lines
   * @param {number} place
   */
  function isCrossed(lines, place) {
    if (!threshold) return false;
    const { value: limit, bad } = threshold;
    return lines.some((line) => {
      const each = line[place] ?? null;
      return each !== null && (bad === 'above' ? each > limit : each < limit);
    });
  }

  cursor.onChange(point);
  plot.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') return cursor.set(undefined);
    const { times } = history;
    const next = placeAfter(event.key, placeOf(times, cursor.time), times.length);
    if (next === undefined || times[next] === undefined) return;
    event.preventDefault();
    cursor.set(times[next]);
    speak(`${clock(times[next])}: ${legend.spoken(history.linesOf(id), next)}`);
  });
  plot.addEventListener('blur', () => cursor.set(undefined));
  new IntersectionObserver(
    (entries) => {
      // Of several changes since the last call, the newest tells how it is now.
      visible = entries.at(-1)?.isIntersecting ?? false;
      draw();
    },
    { rootMargin: '200px' },
  ).observe(root);
  new ResizeObserver(() => chart?.fit()).observe(plot);
  return {
    root,
    update() {
      stale = true;
      draw();
    },
    restyle() {
      clear();
      stale = true;
      draw();
    },
  };
}
