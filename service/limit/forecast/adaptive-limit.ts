import { parseRate, type Limit } from '../../definition/index.ts';
import { createForecaster, HORIZON_MINUTES, type Forecaster } from './forecaster.ts';
import { createMinuteSeries, type MinuteSeries } from './minute-series.ts';
import { createTrackRecord, type TrackRecord } from './track-record.ts';

/** What one limit follows, and how. */
export type AdaptiveLimitOptions = {
  /** The bounds, and whether it only tells (`limit.adaptive` of the definition). */
  readonly settings: NonNullable<Limit['adaptive']>;
  /**
   * What more demand than usual does. `share`: the limit of each caller shrinks, so that what there is goes round;
   * `follow`: the limit of all callers together grows, so that it stays above what is usual at this time.
   */
  readonly response: 'share' | 'follow';
  /** Where demand is counted; default a new series of 8 days. */
  readonly series?: MinuteSeries;
};

/** Why a limit is what it is. */
export type AdaptiveReason =
  /** Fewer than an hour of forecasts was checked against what came. */
  | 'too-little-history'
  /** In the last hours the forecasts were no better than the last value. */
  | 'no-better-than-last-value'
  /** Demand is expected to be about what it was in the last day on average. */
  | 'demand-as-usual'
  | 'more-demand-expected'
  | 'less-demand-expected';

/** What is said of a limit for this minute. */
export type AdaptiveDecision = {
  /** The count in force, a whole number of at least 1: the declared one in shadow, else inside the bounds. */
  readonly limit: number;
  /** The count that is, or in shadow would be, in force. */
  readonly proposed: number;
  /** Whether the forecast moves the limit: not in shadow, and trusted. */
  readonly acting: boolean;
  readonly reason: AdaptiveReason;
  /** Requests expected in the minute 15 minutes ahead. */
  readonly forecast: number;
  /** Requests per minute in the last 24 hours, on average. */
  readonly usual: number;
  /** Mean absolute errors of the last hours, in requests per minute. */
  readonly forecastError: number;
  readonly lastValueError: number;
};

/** A limit that follows a forecast of its demand. */
export type AdaptiveLimit = {
  /** Counts requests that the limit was asked about, admitted or denied. */
  record(count: number, nowMs: number): void;
  /** The limit for now, from the one declared for now; ask at least once a minute. Never fails. */
  decide(declared: number, nowMs: number): AdaptiveDecision;
};

const DAY_MINUTES = 1440;
/** Largest change in a minute; in the 15 minutes of the forecast it can double or halve. */
const STEP = Math.log(1.05);
/** Difference to what it should be from which a limit that rests begins to move. */
const REST = Math.log(1.1);

/**
 * Moves a limit by how much more or less demand is forecast than is usual: declared × (usual / forecast) or its
 * inverse, inside the bounds, by at most 5 % in a minute, and not before the difference is 10 %. The ratio needs no
 * unit, so it is right for a limit per caller and for one per second or hour. It moves back to what is declared while
 * its own forecasts of the last three hours are not better than "same as the last value".
 */
export function createAdaptiveLimit({
  settings,
  response,
  series = createMinuteSeries(),
}: AdaptiveLimitOptions): AdaptiveLimit {
  const min = parseRate(settings.min).limit;
  const max = parseRate(settings.max).limit;
  const inBounds = (limit: number): number => Math.max(min, Math.min(max, limit));
  let history = beginHistory(series);
  /** Natural logarithm of what the declared limit is multiplied by. */
  let factor = 0;
  let moving = false;

  function wanted(declared: number, forecast: number, usual: number): number {
    if (!history.record.trusted) return 0;
    const more = moreThanUsual(forecast, usual);
    return Math.log(inBounds(declared * (response === 'follow' ? more : 1 / more)) / declared);
  }

  function move(target: number): void {
    const difference = target - factor;
    if (history.record.trusted && !moving && Math.abs(difference) <= REST) return;
    moving = Math.abs(difference) > STEP;
    factor += Math.max(-STEP, Math.min(STEP, difference));
  }

  return {
    record: (count, nowMs) => series.record(count, nowMs),
    decide(declared, nowMs) {
      series.advance(nowMs);
      if (series.restarts !== history.restarts) history = beginHistory(series);
      const news = catchUp(series, history);
      const { record, forecaster } = history;
      const forecast = forecaster.predict();
      const usual = Math.max(0, history.sum / Math.max(1, history.known));
      if (news) move(wanted(declared, forecast, usual));
      const proposed = Math.max(1, Math.round(inBounds(declared * Math.exp(factor))));
      return {
        limit: settings.shadow ? declared : proposed,
        proposed,
        acting: !settings.shadow && record.trusted,
        reason: reasonOf(record, forecast, usual),
        forecast,
        usual,
        forecastError: record.forecastError,
        lastValueError: record.lastValueError,
      };
    },
  };
}

type History = {
  readonly forecaster: Forecaster;
  readonly record: TrackRecord;
  readonly restarts: number;
  /** The newest minute that was taken in. */
  seen: number;
  /** Sum and number of the known minutes of the last 24 hours. */
  sum: number;
  known: number;
};

function beginHistory(series: MinuteSeries): History {
  return {
    forecaster: createForecaster(series),
    record: createTrackRecord(),
    restarts: series.restarts,
    seen: Number.NEGATIVE_INFINITY,
    sum: 0,
    known: 0,
  };
}

/** Takes in every minute that is over and known; whether a minute has gone by. */
function catchUp(series: MinuteSeries, history: History): boolean {
  const from = Math.max(history.seen + 1, series.first);
  if (from > history.seen + 1) Object.assign(history, { sum: 0, known: 0 });
  for (let minute = from; minute <= series.last; minute++) {
    history.seen = minute;
    takeIn(minute, series.at(minute), history);
    count(series.at(minute - DAY_MINUTES), -1, history);
  }
  return from <= series.last;
}

function takeIn(minute: number, value: number, history: History): void {
  if (Number.isNaN(value)) return;
  history.record.settle(minute, value);
  history.forecaster.update(minute, value);
  history.record.expect(minute + HORIZON_MINUTES, history.forecaster.predict(), value);
  count(value, 1, history);
}

function count(value: number, sign: 1 | -1, history: History): void {
  if (Number.isNaN(value)) return;
  history.sum += sign * value;
  history.known += sign;
}

/** One more request per minute on both sides: nothing against nothing is as usual, and a handful says little. */
function moreThanUsual(forecast: number, usual: number): number {
  return (forecast + 1) / (usual + 1);
}

function reasonOf({ enough, trusted }: TrackRecord, forecast: number, usual: number): AdaptiveReason {
  if (!trusted) return enough ? 'no-better-than-last-value' : 'too-little-history';
  const difference = Math.log(moreThanUsual(forecast, usual));
  if (Math.abs(difference) <= REST) return 'demand-as-usual';
  return difference > 0 ? 'more-demand-expected' : 'less-demand-expected';
}
