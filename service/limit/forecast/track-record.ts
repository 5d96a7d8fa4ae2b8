/** How good forecasts were, beside those of "same as the last value". */
export type TrackRecord = {
  /** Keeps what is forecast for a minute, and the value that was the last when it was forecast. */
  expect(minute: number, forecast: number, lastValue: number): void;
  /** Takes the value of a minute, newer than every one before, and scores what was forecast for it. */
  settle(minute: number, value: number): void;
  /** Whether enough forecasts were scored in the last hours to say anything. */
  readonly enough: boolean;
  /** Mean absolute error of the forecasts in the last hours; 0 before one is scored. */
  readonly forecastError: number;
  /** The same of the last value. */
  readonly lastValueError: number;
  /** Whether the forecasts are better; once they are, it stays true until they are not even as good. */
  readonly trusted: boolean;
};

/** Settings of a record; all have defaults. */
export type TrackRecordOptions = {
  /** Minutes that the record looks back; default three hours. */
  readonly minutes?: number;
  /** Scored forecasts below which nothing is trusted; default 60. */
  readonly minimum?: number;
  /** The error, as a share of the last value's, below which trust begins; default 0.95. */
  readonly better?: number;
};

/** A record of forecasts of one series; it keeps the last hours and nothing more. */
export function createTrackRecord({
  minutes = 180,
  minimum = 60,
  better = 0.95,
}: TrackRecordOptions = {}): TrackRecord {
  const minuteOf = new Float64Array(minutes).fill(Number.NEGATIVE_INFINITY);
  const forecastOf = new Float64Array(minutes);
  const lastValueOf = new Float64Array(minutes);
  const settled = new Uint8Array(minutes);
  let scored = 0;
  let forecastError = 0;
  let lastValueError = 0;
  let trusted = false;

  function judge(newest: number): void {
    scored = 0;
    let forecastSum = 0;
    let lastValueSum = 0;
    for (let slot = 0; slot < minutes; slot++) {
      if (settled[slot] !== 1 || (minuteOf[slot] ?? 0) <= newest - minutes) continue;
      scored += 1;
      forecastSum += forecastOf[slot] ?? 0;
      lastValueSum += lastValueOf[slot] ?? 0;
    }
    forecastError = forecastSum / Math.max(1, scored);
    lastValueError = lastValueSum / Math.max(1, scored);
    trusted = scored >= minimum && forecastError < lastValueError * (trusted ? 1 : better);
  }

  return {
    expect(minute, forecast, lastValue) {
      const slot = minute % minutes;
      minuteOf[slot] = minute;
      forecastOf[slot] = forecast;
      lastValueOf[slot] = lastValue;
      settled[slot] = 0;
    },
    settle(minute, value) {
      const slot = minute % minutes;
      if (minuteOf[slot] === minute && settled[slot] === 0) {
        // From here on the place holds the errors.
        forecastOf[slot] = Math.abs(value - (forecastOf[slot] ?? 0));
        lastValueOf[slot] = Math.abs(value - (lastValueOf[slot] ?? 0));
        settled[slot] = 1;
      }
      judge(minute);
    },
    get enough() {
      return scored >= minimum;
    },
    get forecastError() {
      return forecastError;
    },
    get lastValueError() {
      return lastValueError;
    },
    get trusted() {
      return trusted;
    },
  };
}
