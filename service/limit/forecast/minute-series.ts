/** Settings of a series; both have defaults. */
export type MinuteSeriesOptions = {
  /** Minutes that are kept; default 8 days, a week and what the first day of the next is compared with. */
  readonly minutes?: number;
  /** Minutes without a word after which they count as unknown, not as zero; default 2. */
  readonly silence?: number;
};

/** Counts per minute of the clock (minutes since 1970), the oldest forgotten first. */
export type MinuteSeries = {
  /** Adds to the minute that runs. */
  record(count: number, nowMs: number): void;
  /** Tells the time when nothing was counted, at least once a minute: quiet minutes are zeros, untold ones unknown. */
  advance(nowMs: number): void;
  /** The oldest minute that may be known; Infinity before there is one. */
  readonly first: number;
  /** The newest minute that is over; -Infinity before there is one. */
  readonly last: number;
  /** How often the history was dropped because the clock went back. */
  readonly restarts: number;
  /** What was counted in a minute that is over; NaN where it is not known. */
  at(minute: number): number;
};

const MINUTE_MS = 60_000;

/**
 * A ring of counts per minute: four bytes each, nothing else grows. A clock that goes back by up to `silence` minutes
 * keeps counting into the newest minute; one that goes back further starts the series anew, since nobody can say which
 * of the two times was right. A leap ahead leaves the minutes between unknown.
 */
export function createMinuteSeries({ minutes = 8 * 1440, silence = 2 }: MinuteSeriesOptions = {}): MinuteSeries {
  const counts = new Float32Array(minutes).fill(Number.NaN);
  let first = Number.POSITIVE_INFINITY;
  let running = Number.NEGATIVE_INFINITY;
  let restarts = 0;

  function advance(nowMs: number): void {
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (!Number.isFinite(minute) || minute === running) return;
    if (running - minute > silence) restart();
    else if (running > minute) return;
    if (!Number.isFinite(running)) first = minute;
    // Of a leap, and of a beginning, the minutes at both ends are not seen whole, so they are not known either.
    const known = minute - running <= silence;
    if (!known && Number.isFinite(running)) counts[running % minutes] = Number.NaN;
    for (let next = Math.max(running + 1, minute - minutes + 1); next < minute; next++)
      counts[next % minutes] = known ? 0 : Number.NaN;
    counts[minute % minutes] = known ? 0 : Number.NaN;
    running = minute;
  }

  function restart(): void {
    counts.fill(Number.NaN);
    first = Number.POSITIVE_INFINITY;
    running = Number.NEGATIVE_INFINITY;
    restarts += 1;
  }

  return {
    record(count, nowMs) {
      advance(nowMs);
      if (Number.isFinite(running) && count > 0 && count < Number.MAX_SAFE_INTEGER)
        counts[running % minutes] = (counts[running % minutes] ?? Number.NaN) + count;
    },
    advance,
    get first() {
      return Math.max(first, running - minutes + 1);
    },
    get last() {
      return running - 1 >= first ? running - 1 : Number.NEGATIVE_INFINITY;
    },
    get restarts() {
      return restarts;
    },
    at(minute) {
      if (minute >= running || minute < first || minute <= running - minutes) return Number.NaN;
      return counts[minute % minutes] ?? Number.NaN;
    },
  };
}
