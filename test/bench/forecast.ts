import { createAdaptiveLimit, HORIZON_MINUTES } from '../../service/limit/forecast/index.ts';
import { makeTrace, TRACE_NAMES, type Trace } from './forecast/traces.ts';
import { median, type Measure } from './measure.ts';

/** Of the first round of traces; the constants of the forecaster were chosen on others. */
const SEED = 31;

/** A Monday at midnight, in minutes since 1970. */
const START = 2900 * 7 * 1440 - 3 * 1440;
const MINUTE_MS = 60_000;

/** Errors on one held-out trace, summed. */
type Errors = {
  forecast: number;
  lastValue: number;
  /** The mean of the last 15 minutes: what smoothing alone would reach. */
  lastMean: number;
  /** Minutes in which the limit acted on the forecast. */
  acting: number;
  minutes: number;
};

/**
 * Whether the forecast of demand 15 minutes ahead is better than "same as the last value": the adaptive limit lives
 * through generated traces minute by minute, and its forecasts in the held-out last part of each are compared, by mean
 * absolute error. Below 1 the forecast ships on for demand of that shape. A random walk is what no forecast beats: there
 * the second figure shows the rule at run time at work, by how little of the time the limit acts at all.
 */
export function measureForecast(rounds: number): Promise<readonly Measure[]> {
  const seeds = Array.from({ length: rounds }, (_, round) => SEED + round);
  const runs = new Map(TRACE_NAMES.map((name) => [name, seeds.map((seed) => live(makeTrace(name, seed)))]));
  const middle = (name: string, figure: (errors: Errors) => number): number =>
    median((runs.get(name) ?? []).map(figure));
  return Promise.resolve([
    ...TRACE_NAMES.flatMap((name): Measure[] => [
      {
        name: `forecast vs last value: ${name}`,
        value: middle(name, ({ forecast, lastValue }) => forecast / lastValue),
        unit: 'ratio',
        ...(name === 'random walk' ? {} : { hold: '≤ 0.98' }),
      },
      {
        name: `share of time it acts: ${name}`,
        value: middle(name, ({ acting, minutes }) => acting / minutes),
        unit: 'ratio',
        ...(name === 'random walk' ? { hold: '≤ 0.2' } : {}),
      },
    ]),
    {
      name: 'forecast vs mean of 15 minutes, all traces',
      value: geometricMean(TRACE_NAMES.map((name) => middle(name, ({ forecast, lastMean }) => forecast / lastMean))),
      unit: 'ratio',
    },
  ]);
}

function live({ counts, heldOutFrom }: Trace): Errors {
  const limit = createAdaptiveLimit({ settings: { min: '50/min', max: '200/min', shadow: false }, response: 'share' });
  const forecasts = new Float64Array(counts.length);
  const acted = new Uint8Array(counts.length);
  const errors: Errors = {
    forecast: 0,
    lastValue: 0,
    lastMean: 0,
    acting: 0,
    minutes: 0,
  };
  limit.decide(100, (START - 1) * MINUTE_MS);
  for (const [minute, count] of counts.entries()) {
    limit.record(count, (START + minute) * MINUTE_MS);
    const { forecast, acting } = limit.decide(100, (START + minute + 1) * MINUTE_MS);
    forecasts[minute] = forecast;
    acted[minute] = Number(acting);
    const then = minute - HORIZON_MINUTES;
    if (minute < heldOutFrom) continue;
    errors.forecast += Math.abs(count - (forecasts[then] ?? 0));
    errors.lastValue += Math.abs(count - (counts[then] ?? 0));
    errors.lastMean += Math.abs(count - mean(counts.subarray(then - HORIZON_MINUTES + 1, then + 1)));
    errors.minutes += 1;
    errors.acting += acted[then] ?? 0;
  }
  return errors;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
