import { element, setText } from './dom.js';
import { inUnit } from './units.js';

/** @import { LiveThreshold } from '../wire.ts' */
/** @import { Stroke } from './colours.js' */

/**
 * @typedef {object} LegendOptions
 * @property {readonly string[]} names of the lines
 * @property {(index: number) => Stroke} strokeOf
 * @property {string} unit
 * @property {LiveThreshold | undefined} threshold
 */

/** @typedef {readonly (readonly (number | null)[])[]} Lines */

/**
 * @typedef {object} Legend
 * @property {HTMLElement} root
 * @property {(shown: readonly number[], others: number) => void} choose which lines have an entry
 * @property {(lines: Lines, place: number) => void} update shows the values at a place
 * @property {(lines: Lines, place: number) => string} spoken the same in words
 */

/**
 * The names of a panel's lines with their values at the cursor.
 * @param {LegendOptions} options
 * @returns {Legend}
 */
export function createLegend({ names, strokeOf, unit, threshold }) {
  const root = element('ul', { class: 'legend' });
  /** @type {Map<number, { readonly item: HTMLElement, readonly number: HTMLElement }>} */
  const entries = new Map();
  const entryOf = (/** @type {number} */ index) => {
    const known = entries.get(index);
    if (known) return known;
    const { colour, dash } = strokeOf(index);
    const name = names[index] ?? '';
    const number = element('span', { class: 'number' }, '–');
    const swatch = element('span', { class: 'swatch', 'data-colour': colour, 'data-dash': String(dash) });
    const entry = {
      item: element('li', { title: name }, swatch, element('span', { class: 'name' }, name), number),
      number,
    };
    entries.set(index, entry);
    return entry;
  };
  const rest = element('li', { class: 'rest' });
  const line = element('li', { class: 'line' });
  if (threshold)
    line.append(
      element('span', { class: 'swatch', 'data-colour': 'bad', 'data-dash': '1' }),
      element('span', { class: 'name' }, threshold.bad === 'above' ? 'at most' : 'at least'),
      element('span', { class: 'number' }, inUnit(threshold.value, unit)),
    );
  /** @type {readonly number[]} */
  let chosen = [];
  let told = '';
  return {
    root,
    choose(shown, others) {
      chosen = shown;
      const words = others > 0 ? `and ${others} more, ${shown.length > 1 ? 'lower' : 'all zero'}` : '';
      if (told === `${shown.join()} ${words}`) return;
      told = `${shown.join()} ${words}`;
      setText(rest, words);
      root.replaceChildren(
        ...shown.map((index) => entryOf(index).item),
        ...(others > 0 ? [rest] : []),
        ...(threshold ? [line] : []),
      );
    },
    update(lines, place) {
      for (const index of chosen) setText(entryOf(index).number, shownValue(lines[index]?.[place], unit));
    },
    spoken: (lines, place) =>
      chosen.map((index) => `${names[index] ?? ''} ${shownValue(lines[index]?.[place], unit)}`).join(', '),
  };
}

/**
 * @param {number | null | undefined} value
 * @param {string} unit
 */
function shownValue(value, unit) {
  return value === null || value === undefined ? '–' : inUnit(value, unit);
}
