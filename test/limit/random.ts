/** A source of the same numbers for the same seed: mulberry32. */
export type Random = {
  /** From 0 up to 1, without 1. */
  next(): number;
  /** A whole number from `min` to `max`, both in. */
  whole(min: number, max: number): number;
  pick<T>(values: readonly T[]): T;
};

/** Random numbers that a test can repeat. */
export function seeded(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    whole,
    pick(values) {
      const value = values[whole(0, values.length - 1)];
      if (value === undefined) throw new RangeError('There is nothing to pick from');
      return value;
    },
  };
}

/** The most of the given times that lie in any window of a length; the times are in order, the window is half open. */
export function mostInAnyWindow(times: readonly number[], length: number): number {
  let most = 0;
  let first = 0;
  for (const [place, time] of times.entries()) {
    while ((times[first] ?? time) <= time - length) first++;
    most = Math.max(most, place - first + 1);
  }
  return most;
}
