/**
 * The moment that all charts point at; undefined: the newest.
 * @typedef {object} Cursor
 * @property {number | undefined} time seconds since 1970
 * @property {(time: number | undefined) => void} set
 * @property {(listener: () => void) => void} onChange
 */

/** @returns {Cursor} */
export function createCursor() {
  /** @type {number | undefined} */
  let time;
  /** @type {(() => void)[]} */
  const listeners = [];
  return {
    get time() {
      return time;
    },
    set(next) {
      if (next === time) return;
      time = next;
      for (const listener of listeners) listener();
    },
    onChange: (listener) => void listeners.push(listener),
  };
}

/**
 * The place of the point nearest to a time; the newest for undefined.
 * @param {readonly number[]} times
 * @param {number | undefined} time
 * @returns {number}
 */
export function placeOf(times, time) {
  if (time === undefined) return times.length - 1;
  let nearest = 0;
  for (const [index, at] of times.entries())
    if (Math.abs(at - time) < Math.abs((times[nearest] ?? 0) - time)) nearest = index;
  return nearest;
}

/**
 * Where a key takes the cursor, as a place among the points; undefined for a key that moves nothing.
 * @param {string} key
 * @param {number} place
 * @param {number} points
 * @returns {number | undefined}
 */
export function placeAfter(key, place, points) {
  /** @type {Readonly<Record<string, number>>} */
  const places = {
    ArrowLeft: place - 1,
    ArrowRight: place + 1,
    PageUp: place - 12,
    PageDown: place + 12,
    Home: 0,
    End: points - 1,
  };
  const next = places[key];
  return next === undefined ? undefined : Math.max(0, Math.min(points - 1, next));
}
