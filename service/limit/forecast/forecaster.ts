import { createHoltWinters, type HoltWinters, type Season, type Smoothing } from './holt-winters.ts';
import type { MinuteSeries } from './minute-series.ts';

/** How far ahead demand is forecast. */
export const HORIZON_MINUTES = 15;

/** Forecasts a series 15 minutes ahead. */
export type Forecaster = {
  /** Takes the value of a minute, newer than every one before; minutes may be left out. */
  update(minute: number, value: number): void;
  /** The value 15 minutes after the newest; the newest value while nothing is known to be better. */
  predict(): number;
};

const HOUR: Season = { period: 60, step: 1, cycles: 6, gamma: 0.05 };
const DAY: Season = { period: 1440, step: 15, cycles: 1, gamma: 0.3 };
const WEEK: Season = { period: 7 * 1440, step: 15, cycles: 1, gamma: 0.3 };

/** How fast level and trend move. Without trend or season, an alpha of 1 is the last value itself. */
const SPEEDS: readonly Omit<Smoothing, 'seasons'>[] = [
  { alpha: 0.02, beta: 0, damping: 1, surge: 0 },
  { alpha: 0.08, beta: 0, damping: 1, surge: 0 },
  { alpha: 0.3, beta: 0, damping: 1, surge: 0 },
  { alpha: 1, beta: 0, damping: 1, surge: 0 },
  { alpha: 0.08, beta: 0.03, damping: 0.98, surge: 0 },
  { alpha: 0.3, beta: 0.05, damping: 0.95, surge: 0 },
  { alpha: 0.01, beta: 0, damping: 1, surge: 0.9 },
  { alpha: 0.01, beta: 0, damping: 1, surge: 0.97 },
];
const SEASONS: readonly (readonly Season[])[] = [[], [HOUR], [DAY], [DAY, HOUR], [WEEK]];

/** Share of a model's record that one minute replaces: errors of the last two hours count most. */
const FORGETTING = 1 / 120;
/** Scored forecasts from which a model is believed. */
const ENOUGH = 60;
/** How much a model counts that is this share worse than the best: 1/e. */
const TOLERANCE = 0.05;

type Candidate = { readonly model: HoltWinters; readonly pending: Float64Array; error: number; scored: number };

/**
 * Forecasts with several Holt-Winters models at once. Each minute scores what every model said of it 15 minutes
 * before; the forecast is the mean of the models, weighted by their errors of the last hours, so that smoothing and
 * seasons are chosen by the series itself and the last value alone is one of the choices. The weights are those of
 * prediction with expert advice: Cesa-Bianchi and Lugosi, Prediction, Learning, and Games (2006), chapter 2.
 */
export function createForecaster(series: MinuteSeries): Forecaster {
  const candidates = SEASONS.flatMap((seasons) =>
    SPEEDS.map((speed): Candidate => ({
      model: createHoltWinters({ ...speed, seasons }, series),
      pending: new Float64Array(HORIZON_MINUTES).fill(Number.NaN),
      error: 0,
      scored: 0,
    })),
  );
  const due = new Float64Array(HORIZON_MINUTES);
  let newest = 0;

  return {
    update(minute, value) {
      const slot = minute % HORIZON_MINUTES;
      for (const candidate of candidates) {
        if (due[slot] === minute) score(candidate, Math.abs(value - (candidate.pending[slot] ?? Number.NaN)));
        candidate.model.update(minute, value);
        candidate.pending[slot] = candidate.model.predict(HORIZON_MINUTES);
      }
      due[slot] = minute + HORIZON_MINUTES;
      newest = value;
    },
    predict() {
      const believed = candidates.filter(({ scored }) => scored >= ENOUGH);
      const best = Math.min(...believed.map(({ error }) => error));
      let sum = 0;
      let weights = 0;
      for (const { model, error } of believed) {
        const weight = best > 0 ? Math.exp((1 - error / best) / TOLERANCE) : Number(error === 0);
        sum += weight * model.predict(HORIZON_MINUTES);
        weights += weight;
      }
      return weights > 0 ? sum / weights : newest;
    },
  };
}

function score(candidate: Candidate, error: number): void {
  if (Number.isNaN(error)) return;
  candidate.scored += 1;
  candidate.error += Math.max(FORGETTING, 1 / candidate.scored) * (error - candidate.error);
}
