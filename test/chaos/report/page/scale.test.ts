import { describe, expect, test } from '@jest/globals';
import { timeScale, valueTicks } from '../../../../chaos/report/page/scale.ts';
import { abortedRun, BEGAN, neverInjectedRun, passedRun } from '../runs.ts';

describe('the axis of time', () => {
  test('counts from the fault, in minutes where the run is long', () => {
    const { ticks, at, zero } = timeScale(passedRun());
    expect(ticks.map(({ words }) => words)).toEqual([
      '−0:30',
      '0',
      '+0:30',
      '+1:00',
      '+1:30',
      '+2:00',
      '+2:30',
      '+3:00',
    ]);
    expect(ticks.filter(({ major }) => major).map(({ words }) => words)).toEqual(['0', '+1:00', '+2:00', '+3:00']);
    expect([at(BEGAN), at(zero), at(BEGAN + 230_000)]).toEqual([0, 13.04, 100]);
  });

  test('counts in seconds where it is short', () => {
    expect(
      timeScale(abortedRun())
        .ticks.map(({ words }) => words)
        .slice(0, 5),
    ).toEqual(['−30 s', '−20 s', '−10 s', '0 s', '+10 s']);
  });

  test('ends no further out than the run, whatever is outside', () => {
    const { at } = timeScale(passedRun());
    expect([at(0), at(BEGAN * 2)]).toEqual([0, 100]);
  });

  test('counts from the start where there was no fault, and has a width where nothing took time', () => {
    expect(timeScale(neverInjectedRun()).zero).toBe(BEGAN);
    const { from, to, ticks } = timeScale(neverInjectedRun({ endedAt: BEGAN, phases: [] }));
    expect(to).toBeGreaterThan(from);
    expect(ticks.length).toBeGreaterThan(1);
  });

  test.each([1, 60, 3_600, 86_400, 2_000_000])('has few lines over %d s', (seconds) => {
    const run = passedRun({ endedAt: BEGAN + seconds * 1000, timeline: [], phases: [] });
    const { length } = timeScale({ ...run, fault: { title: 'a', injectedAt: BEGAN, revertedAt: BEGAN } }).ticks;
    expect(length).toBeGreaterThanOrEqual(2);
    expect(length).toBeLessThanOrEqual(11);
  });
});

describe('the axis of values', () => {
  test.each([
    [45, [0, 20, 40, 60]],
    [2.29, [0, 1, 2, 3]],
    [0.0123, [0, 0.005, 0.01, 0.015]],
    [100, [0, 25, 50, 75, 100]],
    [0, [0, 0.25, 0.5, 0.75, 1]],
  ])('has round lines up to %d', (highest, ticks) => {
    expect(valueTicks(highest)).toEqual(ticks);
  });

  test('has whole lines of what is counted', () => {
    expect(valueTicks(1, true)).toEqual([0, 1]);
    expect(valueTicks(5, true)).toEqual([0, 2, 4, 6]);
  });
});
