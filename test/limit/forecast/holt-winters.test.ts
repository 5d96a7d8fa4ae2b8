import { describe, expect, test } from '@jest/globals';
import {
  createHoltWinters,
  createMinuteSeries,
  type HoltWinters,
  type Smoothing,
} from '../../../service/limit/forecast/index.ts';

const START = 29_000_000 - (29_000_000 % 1440);
const LEVEL: Smoothing = { alpha: 0.2, beta: 0, damping: 1, surge: 0, seasons: [] };
const HOUR = { period: 60, step: 1, cycles: 2, gamma: 0.2 };
const QUARTERS = { period: 240, step: 15, cycles: 1, gamma: 0.2 };

type Run = { readonly model: HoltWinters; readonly predictions: number[] };

/** Feeds a function of the minute; a minute of NaN is left out. */
function run(smoothing: Smoothing, minutes: number, value: (minute: number) => number, ahead = 15): Run {
  const series = createMinuteSeries();
  const model = createHoltWinters(smoothing, series);
  const predictions: number[] = [];
  series.advance((START - 1) * 60_000);
  for (let minute = 0; minute < minutes; minute++) {
    if (!Number.isNaN(value(minute))) {
      series.record(value(minute), (START + minute) * 60_000);
      series.advance((START + minute + 1) * 60_000);
      model.update(START + minute, value(minute));
    }
    predictions.push(model.predict(ahead));
  }
  return { model, predictions };
}

describe('additive Holt-Winters', () => {
  test('forecasts what is always the same', () => {
    expect(run(LEVEL, 50, () => 40).model.predict(15)).toBeCloseTo(40);
  });

  test('is the last value with an alpha of 1 and nothing else', () => {
    const values = [3, 9, 1, 27, 4];
    expect(run({ ...LEVEL, alpha: 1 }, 5, (minute) => values[minute] ?? 0).predictions).toEqual(values);
  });

  test('follows a steady climb by its trend', () => {
    const { model } = run({ ...LEVEL, beta: 0.1 }, 500, (minute) => 100 + 2 * minute);
    expect(model.predict(15)).toBeCloseTo(100 + 2 * 514, 0);
  });

  test('lets a damped trend run out', () => {
    const { model } = run({ ...LEVEL, beta: 0.1, damping: 0.9 }, 500, (minute) => 100 + 2 * minute);
    expect(model.predict(100_000) - model.predict(1)).toBeLessThan(20);
  });

  test('knows an hour by heart after the hours that it takes to begin', () => {
    const jobs = (minute: number): number => (minute % 60 === 0 ? 500 : 20);
    const { predictions } = run({ ...LEVEL, seasons: [HOUR] }, 300, jobs);
    expect(predictions[100]).toBeNaN();
    for (let minute = 130; minute < 300; minute++) expect(predictions[minute]).toBeCloseTo(jobs(minute + 15), 0);
  });

  test('adds several seasons', () => {
    const both = (minute: number): number => 100 + (minute % 240 < 120 ? 50 : -50) + (minute % 60 === 30 ? 200 : 0);
    const { predictions } = run({ ...LEVEL, alpha: 0.02, seasons: [QUARTERS, HOUR] }, 2000, both);
    const peaks = [1230, 1290, 1350, 1410].map(
      (minute) => (predictions[minute - 15] ?? 0) - (predictions[minute - 20] ?? 0),
    );
    for (const peak of peaks) expect(peak).toBeGreaterThan(100);
    expect(predictions[1200 + 60 - 15]).toBeGreaterThan(130);
    expect(predictions[1200 + 180 - 15]).toBeLessThan(70);
  });

  test('keeps a season as it is when something happens once', () => {
    const wave = (minute: number): number => 200 + 100 * Math.sin((minute / 240) * 2 * Math.PI) + (minute % 2);
    const once = (minute: number): number => wave(minute) + (minute >= 960 && minute < 975 ? 5000 : 0);
    const seasonal = { ...LEVEL, seasons: [QUARTERS] };
    const usual = run(seasonal, 1190, wave).predictions[1185] ?? 0;
    expect(Math.abs((run(seasonal, 1190, once).predictions[1185] ?? 0) - usual)).toBeLessThan(20);
  });

  test('expects a surge to pass, and a level to stay', () => {
    const surge = (minute: number): number => (minute < 300 ? 100 : 100 + 400 * 0.97 ** (minute - 300));
    const knowing = run({ ...LEVEL, alpha: 0.01, surge: 0.97 }, 320, surge).model.predict(15);
    const naive = run({ ...LEVEL, alpha: 1 }, 320, surge).model.predict(15);
    expect(Math.abs(knowing - surge(334))).toBeLessThan(Math.abs(naive - surge(334)) / 2);
  });

  test('goes on after minutes that are missing, in step with the clock', () => {
    const jobs = (minute: number): number => (minute % 60 === 0 ? 500 : 20);
    const gaps = (minute: number): number => (minute >= 200 && minute < 250 ? Number.NaN : jobs(minute));
    const { predictions } = run({ ...LEVEL, seasons: [HOUR] }, 400, gaps);
    for (let minute = 255; minute < 400; minute++) expect(predictions[minute]).toBeCloseTo(jobs(minute + 15), 0);
  });

  test('begins no season on a history that is mostly missing', () => {
    const { predictions } = run({ ...LEVEL, seasons: [HOUR] }, 400, (minute) => (minute % 60 < 30 ? 5 : Number.NaN));
    expect(predictions.every((each) => Number.isNaN(each))).toBe(true);
  });

  test('never forecasts less than nothing', () => {
    const { predictions } = run({ ...LEVEL, alpha: 0.5, beta: 0.5 }, 60, (minute) => Math.max(0, 500 - 20 * minute));
    expect(Math.min(...predictions)).toBe(0);
  });
});
