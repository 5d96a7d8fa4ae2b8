import { describe, expect, test } from '@jest/globals';
import { createForecaster, createMinuteSeries, HORIZON_MINUTES } from '../../../service/limit/forecast/index.ts';
import { makeTrace, TRACE_NAMES } from '../../bench/forecast/traces.ts';

const START = 29_000_160;

/** Mean absolute errors of the forecast and of the last value, from a minute on. */
function errorsOf(counts: Float64Array, from: number): { readonly forecast: number; readonly lastValue: number } {
  const forecasts = forecastsOf(counts);
  let forecast = 0;
  let lastValue = 0;
  for (let minute = from; minute < counts.length; minute++) {
    forecast += Math.abs((counts[minute] ?? 0) - (forecasts[minute - HORIZON_MINUTES] ?? 0));
    lastValue += Math.abs((counts[minute] ?? 0) - (counts[minute - HORIZON_MINUTES] ?? 0));
  }
  return { forecast: forecast / (counts.length - from), lastValue: lastValue / (counts.length - from) };
}

function forecastsOf(counts: Float64Array): number[] {
  const series = createMinuteSeries();
  const forecaster = createForecaster(series);
  series.advance((START - 1) * 60_000);
  return Array.from(counts, (count, minute) => {
    series.record(count, (START + minute) * 60_000);
    series.advance((START + minute + 1) * 60_000);
    if (!Number.isNaN(count)) forecaster.update(START + minute, count);
    return forecaster.predict();
  });
}

describe('the forecast of demand', () => {
  test('is nothing before anything came, and the last value while nothing is proven', () => {
    expect(createForecaster(createMinuteSeries()).predict()).toBe(0);
    expect(forecastsOf(Float64Array.of(4, 9, 2))).toEqual([4, 9, 2]);
  });

  test('is zero for a demand of zero', () => {
    expect(new Set(forecastsOf(new Float64Array(2000)))).toEqual(new Set([0]));
  });

  test.each(TRACE_NAMES.filter((name) => name !== 'random walk'))(
    'is closer than the last value where demand has a shape: %s',
    (name) => {
      const { counts, heldOutFrom } = makeTrace(name, 2);
      const { forecast, lastValue } = errorsOf(counts, heldOutFrom);
      expect(forecast).toBeLessThan(lastValue);
    },
  );

  test('is hardly worse than the last value where nothing can be known', () => {
    const { counts, heldOutFrom } = makeTrace('random walk', 2);
    const { forecast, lastValue } = errorsOf(counts, heldOutFrom);
    expect(forecast).toBeLessThan(1.05 * lastValue);
  });

  test('is finite whatever is missing and however wild the values', () => {
    const counts = makeTrace('daily curve', 3).counts.map((count, minute) =>
      minute % 7 === 0 || minute % 3000 > 2700 ? Number.NaN : minute % 501 === 0 ? 1e7 : count,
    );
    for (const forecast of forecastsOf(counts)) {
      expect(forecast).toBeGreaterThanOrEqual(0);
      expect(forecast).toBeLessThan(1e8);
    }
  });
});
