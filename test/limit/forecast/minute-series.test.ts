import { describe, expect, test } from '@jest/globals';
import { createMinuteSeries, type MinuteSeries } from '../../../service/limit/forecast/index.ts';

const START = 29_000_000;
const at = (minute: number, second = 0): number => (START + minute) * 60_000 + second * 1000;
const counts = (series: MinuteSeries, from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => series.at(START + from + index));

describe('a series of counts per minute', () => {
  test('knows every minute that it saw whole, and not the one in which it began', () => {
    const series = createMinuteSeries();
    series.record(4, at(0, 30));
    series.record(1, at(1));
    series.record(2, at(1, 59));
    series.record(5, at(2));
    expect(series.last).toBe(START + 1);
    expect(counts(series, 0, 2)).toEqual([Number.NaN, 3, Number.NaN]);
  });

  test('has no minute before one is over', () => {
    const series = createMinuteSeries();
    expect([series.first, series.last]).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    expect(series.at(START)).toBeNaN();
    series.record(4, at(0));
    expect(series.last).toBe(Number.NEGATIVE_INFINITY);
    expect(counts(series, -1, 0)).toEqual([Number.NaN, Number.NaN]);
  });

  test('takes quiet minutes for zeros when it is told the time, and for unknown when it is not', () => {
    const series = createMinuteSeries();
    series.advance(at(0));
    series.record(7, at(1));
    series.advance(at(3));
    series.advance(at(4));
    series.record(9, at(10, 30));
    series.advance(at(12));
    expect(counts(series, 1, 11)).toEqual([7, 0, 0, ...Array<number>(7).fill(Number.NaN), 0]);
  });

  test('keeps so many minutes and forgets the oldest', () => {
    const series = createMinuteSeries({ minutes: 10 });
    for (let minute = 0; minute < 100; minute++) series.record(minute, at(minute));
    expect(series.first).toBe(START + 90);
    expect(counts(series, 89, 99)).toEqual([Number.NaN, 90, 91, 92, 93, 94, 95, 96, 97, 98, Number.NaN]);
  });

  test('counts into the newest minute while the clock is a little behind', () => {
    const series = createMinuteSeries();
    series.advance(at(0));
    series.record(1, at(1));
    series.record(1, at(0, 59));
    series.record(1, at(-1));
    series.advance(at(2));
    expect(counts(series, 1, 1)).toEqual([3]);
    expect(series.restarts).toBe(0);
  });

  test('begins anew when the clock goes back further', () => {
    const series = createMinuteSeries();
    for (let minute = 0; minute < 20; minute++) series.record(1, at(minute));
    series.record(1, at(5));
    series.record(2, at(6));
    series.record(3, at(7));
    expect(series.restarts).toBe(1);
    expect(counts(series, 0, 7)).toEqual([...Array<number>(6).fill(Number.NaN), 2, Number.NaN]);
  });

  test('survives a leap of a year ahead and what is no number', () => {
    const series = createMinuteSeries({ minutes: 100 });
    series.record(1, at(0));
    series.record(1, at(525_600));
    series.record(Number.NaN, at(525_601));
    series.record(Number.POSITIVE_INFINITY, at(525_601));
    series.record(-5, at(525_601));
    series.record(2, Number.NaN);
    series.advance(at(525_602));
    expect(series.last).toBe(START + 525_601);
    expect(counts(series, 525_599, 525_601)).toEqual([Number.NaN, Number.NaN, 2]);
  });
});
