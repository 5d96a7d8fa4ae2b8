import type { Run } from '../run.ts';

/** The time that the drawings of a run share. */
export type TimeScale = {
  readonly from: number;
  readonly to: number;
  /** What counts as 0: the fault, or the start where there was none. */
  readonly zero: number;
  /** Where a time stands, in percent of the width, no further out than the edges. */
  readonly at: (time: number) => number;
  readonly ticks: readonly Tick[];
};

/** A line of the axis of time; where there is little room, the major ones alone have their words. */
export type Tick = { readonly value: number; readonly words: string; readonly major: boolean };

/** The time of a run: from its start until its end, or the last thing that happened. */
export function timeScale({ startedAt, endedAt, timeline, phases, fault }: Run): TimeScale {
  const happened = timeline.flatMap(({ at }) => (at === undefined ? [] : [at]));
  const from = Math.min(startedAt, ...phases.map((phase) => phase.from));
  const to = Math.max(endedAt, from + 1000, ...happened, ...phases.map((phase) => phase.to));
  const zero = fault?.injectedAt ?? startedAt;
  const step = TIME_STEPS.find((each) => (to - from) / 1000 / each <= MOST_TIME_TICKS) ?? Math.ceil((to - from) / 8000);
  const first = Math.ceil((from - zero) / 1000 / step);
  const last = Math.floor((to - zero) / 1000 / step);
  return {
    from,
    to,
    zero,
    at: (time) => rounded(((Math.min(Math.max(time, from), to) - from) / (to - from)) * 100),
    ticks: Array.from({ length: last - first + 1 }, (_, index) => {
      const value = (first + index) * step;
      return {
        value: zero + value * 1000,
        words: sinceZero(value, to - from >= 120_000),
        major: (first + index) % 2 === 0,
      };
    }),
  };
}

const MOST_TIME_TICKS = 9;
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400];

/** Seconds, or minutes and seconds where the run is long, with their sign. */
function sinceZero(seconds: number, long: boolean): string {
  const sign = seconds < 0 ? '−' : seconds > 0 ? '+' : '';
  const size = Math.abs(seconds);
  if (!long) return `${sign}${size} s`;
  return seconds === 0 ? '0' : `${sign}${Math.floor(size / 60)}:${String(size % 60).padStart(2, '0')}`;
}

/** The lines of an axis of values from 0 to at least `highest`: three to five, at round numbers; whole ones where asked. */
export function valueTicks(highest: number, whole = false): readonly number[] {
  const top = highest > 0 ? highest : 1;
  const size = 10 ** Math.floor(Math.log10(top / 3));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * size).find((each) => top / each <= 4) ?? 10 * size;
  const used = whole ? Math.max(1, Math.ceil(step)) : step;
  return Array.from({ length: Math.ceil(rounded(top / used)) + 1 }, (_, index) =>
    Number((index * used).toPrecision(6)),
  );
}

/** Two digits are finer than any screen, and short. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
