/** Colours of lines by what they stand for, and, for those that stand for no more than their name, in this order. */
const NAMED = ['first', 'second', 'third', 'fourth', 'fifth'];

const ALL = [...NAMED, 'good', 'bad', 'strained', 'aside', 'grid', 'muted'];

/** Lines of one colour differ by their dashes. @type {readonly (readonly number[])[]} */
export const DASHES = [[], [7, 3], [2, 3], [9, 3, 2, 3]];

/**
 * How a line is drawn, on every panel the same for the same meaning.
 * @typedef {object} Stroke
 * @property {string} colour one of the style sheet's
 * @property {number} dash place in `DASHES`
 */

/**
 * Gives out the strokes of a panel's lines, in the order in which they are first asked for: the lines that are looked at
 * have the colours that differ most, and keep them.
 * @param {readonly { readonly meaning?: string }[]} lines
 * @returns {(index: number) => Stroke}
 */
export function createStrokes(lines) {
  const taken = new Set(lines.map(({ meaning }) => meaning));
  const free = NAMED.filter((colour) => !taken.has(colour));
  const palette = free.length > 0 ? free : NAMED;
  /** @type {Map<number, Stroke>} */
  const given = new Map();
  /** @type {Map<string, number>} */
  const uses = new Map();
  let named = 0;
  return (index) => {
    const known = given.get(index);
    if (known) return known;
    const colour = lines[index]?.meaning ?? palette[named++ % palette.length] ?? 'first';
    const dash = (uses.get(colour) ?? 0) % DASHES.length;
    uses.set(colour, dash + 1);
    const stroke = { colour, dash };
    given.set(index, stroke);
    return stroke;
  };
}

/**
 * The colours as the theme has them now, in a form that a canvas takes.
 * @returns {Readonly<Record<string, string>>}
 */
export function readColours() {
  const probe = document.createElement('i');
  document.body.append(probe);
  const entries = ALL.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(entries);
}
