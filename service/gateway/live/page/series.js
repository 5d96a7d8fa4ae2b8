/** @import { LiveReply } from '../wire.ts' */

/**
 * The lines of all panels over the last minutes, put together from answers.
 * @typedef {object} History
 * @property {readonly number[]} times seconds since 1970, oldest first
 * @property {(panel: string) => readonly (readonly (number | null)[])[]} linesOf the values of each line at these times
 * @property {(reply: LiveReply) => void} add takes what is new in an answer; one with everything replaces what was there
 * @property {() => void} forget
 */

/**
 * @param {number} kept how many points each line keeps
 * @returns {History}
 */
export function createHistory(kept) {
  /** @type {number[]} */
  let times = [];
  /** @type {Map<string, (number | null)[][]>} */
  let lines = new Map();
  const forget = () => {
    times = [];
    lines = new Map();
  };
  return {
    forget,
    get times() {
      return times;
    },
    linesOf: (panel) => lines.get(panel) ?? [],
    add(reply) {
      if (reply.about) forget();
      const last = times.at(-1) ?? -Infinity;
      const told = reply.times.filter((time) => time <= last).length;
      times = [...times, ...reply.times.slice(told)].slice(-kept);
      for (const [panel, points] of Object.entries(reply.points)) {
        const known = lines.get(panel) ?? points.map(() => []);
        lines.set(
          panel,
          points.map((values, index) => [...(known[index] ?? []), ...values.slice(told)].slice(-kept)),
        );
      }
    },
  };
}

/**
 * Which lines are drawn: those that were the highest, in the order of the panel. The rest that have values are counted.
 * @param {readonly (readonly (number | null)[])[]} lines
 * @param {number} limit
 * @returns {{ readonly shown: readonly number[], readonly others: number }}
 */
export function chooseLines(lines, limit) {
  const known = lines.flatMap((values, index) => {
    const numbers = values.filter((value) => value !== null);
    return numbers.length > 0 ? [{ index, peak: Math.max(...numbers) }] : [];
  });
  if (lines.length <= limit) return { shown: lines.map((_, index) => index), others: 0 };
  const shown = known
    .filter(({ peak }) => peak > 0)
    .sort((a, b) => b.peak - a.peak)
    .slice(0, limit - 1)
    .map(({ index }) => index)
    .sort((a, b) => a - b);
  const drawn = shown.length > 0 ? shown : known.slice(0, 1).map(({ index }) => index);
  return { shown: drawn, others: known.length - drawn.length };
}

/**
 * Units whose lines add up to something that has a meaning.
 */
const ADDED = new Set(['reqps', 'ops', 'currencyUSD']);

/**
 * The one number of a panel at a place: the total where lines add up, else the first line.
 * @param {readonly (readonly (number | null)[])[]} lines
 * @param {readonly string[]} names
 * @param {string} unit
 * @param {number} place
 * @returns {{ readonly name: string, readonly value: number | null }}
 */
export function headline(lines, names, unit, place) {
  const values = lines.map((line) => line[place] ?? null);
  if (values.length > 1 && ADDED.has(unit)) {
    const known = values.filter((value) => value !== null);
    return { name: 'total', value: known.length > 0 ? known.reduce((sum, value) => sum + value, 0) : null };
  }
  const first = values.findIndex((value) => value !== null);
  const index = first === -1 ? 0 : first;
  return { name: names[index] ?? '', value: values[index] ?? null };
}
