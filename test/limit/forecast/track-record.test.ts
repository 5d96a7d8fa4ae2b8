import { describe, expect, test } from '@jest/globals';
import { createTrackRecord, type TrackRecord } from '../../../service/limit/forecast/index.ts';

/** What comes is 100 in every minute; the errors are how far the two were off. */
function live(record: TrackRecord, from: number, to: number, forecastError: number, lastValueError: number): void {
  for (let minute = from; minute < to; minute++) {
    record.settle(minute, 100);
    record.expect(minute + 15, 100 + forecastError, 100 - lastValueError);
  }
}

describe('a track record', () => {
  test('says the mean errors of what was forecast and of the last value', () => {
    const record = createTrackRecord();
    live(record, 0, 100, 5, 10);
    expect([record.forecastError, record.lastValueError]).toEqual([5, 10]);
  });

  test('trusts nothing before enough forecasts came due', () => {
    const record = createTrackRecord({ minimum: 60 });
    live(record, 0, 74, 5, 10);
    expect([record.enough, record.trusted]).toEqual([false, false]);
    live(record, 74, 75, 5, 10);
    expect([record.enough, record.trusted]).toEqual([true, true]);
  });

  test.each([
    ['as good', 10, 10],
    ['hardly better', 9.8, 10],
    ['worse', 11, 10],
    ['perfect where the last value is too', 0, 0],
  ])('does not trust forecasts that are %s', (_how, forecastError, lastValueError) => {
    const record = createTrackRecord();
    live(record, 0, 300, forecastError, lastValueError);
    expect([record.enough, record.trusted]).toEqual([true, false]);
  });

  test('trusts until they are not even as good', () => {
    const record = createTrackRecord({ minutes: 100 });
    live(record, 0, 200, 5, 10);
    live(record, 200, 400, 9.8, 10);
    expect(record.trusted).toBe(true);
    live(record, 400, 600, 10, 10);
    expect(record.trusted).toBe(false);
  });

  test('forgets what is older than its hours, also when nothing came meanwhile', () => {
    const record = createTrackRecord({ minutes: 180 });
    live(record, 0, 300, 5, 10);
    record.settle(10_000, 100);
    expect([record.enough, record.trusted, record.forecastError]).toEqual([false, false, 0]);
  });

  test('scores no minute that never came', () => {
    const record = createTrackRecord({ minimum: 1 });
    record.expect(20, 1000, 100);
    record.settle(21, 100);
    expect(record.enough).toBe(false);
  });
});
