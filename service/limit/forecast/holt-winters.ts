import type { MinuteSeries } from './minute-series.ts';

/** A shape that repeats. */
export type Season = {
  /** Minutes after which it repeats. */
  readonly period: number;
  /** Minutes of one step of the shape; between the middles of two steps it is a straight line. */
  readonly step: number;
  /** Whole periods of history that it takes to begin with. */
  readonly cycles: number;
  /** Share of an error, in one period, that the shape takes over. */
  readonly gamma: number;
};

/** How quickly a model forgets. */
export type Smoothing = {
  /** Share of an error that the level takes over; 1 makes it the last value. */
  readonly alpha: number;
  /** Share of the level's change that the trend takes over; 0 is no trend. */
  readonly beta: number;
  /** What is left of the trend after a minute. */
  readonly damping: number;
  /** What is left of a passing surge after a minute; 0 knows no surges. */
  readonly surge: number;
  /** Shapes that are added, the longest first. */
  readonly seasons: readonly Season[];
};

/** A model of a series. */
export type HoltWinters = {
  /** False until there is history enough for its seasons; it predicts nothing until then. */
  readonly ready: boolean;
  /** Takes the value of a minute, newer than every one before; minutes may be left out. */
  update(minute: number, value: number): void;
  /** The value so many minutes after the newest, at least 0; NaN before `ready`. */
  predict(ahead: number): number;
};

/** Errors beyond so many times their usual size change no season: a flash crowd does not come again tomorrow. */
const SURPRISE = 3;

/** Share of an error that counts as a surge, in a model that knows them. */
const SURGE_GAIN = 0.6;

/** Minutes between two looks whether there is history enough: a look at a week of it costs. */
const BEGIN_EVERY = 15;

/** Share of the history of a season that must be known for it to begin. */
const KNOWN = 0.75;

/**
 * Additive Holt-Winters with damped trend and several seasons, in error-correction form: Hyndman et al., Forecasting
 * with Exponential Smoothing (2008), ETS(A,Ad,A); several seasons, and errors that pass, by Taylor (2003), Short-term
 * electricity demand forecasting using double seasonal exponential smoothing; bounded errors by Gelper, Fried and Croux
 * (2010), Robust forecasting with exponential and Holt-Winters smoothing. The seasons begin from the series when it is
 * long enough.
 */
export function createHoltWinters(
  { alpha, beta, damping, surge, seasons }: Smoothing,
  series: MinuteSeries,
): HoltWinters {
  const gains = seasons.map(({ gamma, step }) => 1 - (1 - gamma) ** (1 / step));
  let shapes: Float64Array[] = [];
  let ready = false;
  let newest = 0;
  let level = 0;
  let trend = 0;
  let above = 0;
  let usualError = 0;

  const seasonal = (minute: number): number => {
    let sum = 0;
    for (let index = 0; index < seasons.length; index++) sum += shapeAt(seasons[index], shapes[index], minute);
    return sum;
  };

  function begin(minute: number, value: number): void {
    if (seasons.length > 0 && minute % BEGIN_EVERY !== 0) return;
    const found = findShapes(seasons, series, minute);
    if (found === undefined) return;
    shapes = found;
    newest = minute;
    level = value - seasonal(minute);
    ready = true;
  }

  return {
    get ready() {
      return ready;
    },
    update(minute, value) {
      if (!ready) {
        begin(minute, value);
        return;
      }
      const passed = minute - newest;
      level += trend * dampedSum(damping, passed);
      trend *= damping ** passed;
      above *= surge ** passed;
      newest = minute;
      const error = value - level - above - seasonal(minute);
      if (surge > 0) above += SURGE_GAIN * error;
      level += alpha * error;
      trend += alpha * beta * error;
      const bound = SURPRISE * usualError;
      const believed = Math.max(-bound, Math.min(bound, error));
      for (let index = 0; index < seasons.length; index++)
        learn(seasons[index], shapes[index], minute, (gains[index] ?? 0) * believed);
      usualError += 0.01 * (Math.min(Math.abs(error), 10 * usualError + 1) - usualError);
    },
    predict(ahead) {
      if (!ready) return Number.NaN;
      return Math.max(0, level + trend * dampedSum(damping, ahead) + above * surge ** ahead + seasonal(newest + ahead));
    },
  };
}

/** damping + damping² + ... of so many minutes. */
function dampedSum(damping: number, minutes: number): number {
  return damping === 1 ? minutes : (damping * (1 - damping ** minutes)) / (1 - damping);
}

function shapeAt(season: Season | undefined, shape: Float64Array | undefined, minute: number): number {
  if (season === undefined || shape === undefined) return 0;
  // Half a step back: a step's value stands for its middle.
  const place = (minute % season.period) / season.step - (season.step - 1) / (2 * season.step);
  const before = Math.floor(place);
  const share = place - before;
  const from = shape[(before + shape.length) % shape.length] ?? 0;
  return share === 0 ? from : from + share * ((shape[(before + 1) % shape.length] ?? 0) - from);
}

function learn(season: Season | undefined, shape: Float64Array | undefined, minute: number, change: number): void {
  if (season === undefined || shape === undefined) return;
  const index = Math.floor((minute % season.period) / season.step);
  shape[index] = (shape[index] ?? 0) + change;
}

/** The shapes in the series up to a minute, the shorter ones in what the longer ones leave; undefined without history. */
function findShapes(seasons: readonly Season[], series: MinuteSeries, minute: number): Float64Array[] | undefined {
  const shapes: Float64Array[] = [];
  for (const season of seasons) {
    if (minute - season.period * season.cycles + 1 < series.first) return undefined;
    const left = (at: number): number =>
      shapes.reduce((value, shape, index) => value - shapeAt(seasons[index], shape, at), series.at(at));
    const shape = findShape(season, left, minute);
    if (shape === undefined) return undefined;
    shapes.push(shape);
  }
  return shapes;
}

/** The mean of each step less the mean of its period. */
function findShape(
  { period, step, cycles }: Season,
  value: (minute: number) => number,
  newest: number,
): Float64Array | undefined {
  const sums = new Float64Array(period / step);
  const counts = new Float64Array(period / step);
  const values = new Float64Array(period);
  let known = 0;
  for (let cycle = 0; cycle < cycles; cycle++) {
    const start = newest - (cycle + 1) * period + 1;
    let sum = 0;
    let there = 0;
    for (let index = 0; index < period; index++) {
      const each = value(start + index);
      values[index] = each;
      if (Number.isNaN(each)) continue;
      sum += each;
      there += 1;
    }
    known += there;
    for (const [index, each] of values.entries()) {
      if (Number.isNaN(each)) continue;
      const at = Math.floor(((start + index) % period) / step);
      sums[at] = (sums[at] ?? 0) + each - sum / there;
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
  if (known < KNOWN * period * cycles) return undefined;
  return sums.map((sum, index) => sum / Math.max(1, counts[index] ?? 0));
}
