import { describe, expect, test } from '@jest/globals';
import {
  createAdaptiveLimit,
  type AdaptiveDecision,
  type AdaptiveLimit,
} from '../../../service/limit/forecast/index.ts';
import { makeTrace } from '../../bench/forecast/traces.ts';

const START = 29_000_160;
const DECLARED = 100;
/** Minutes to seven in the morning of the third day, when demand climbs. */
const MORNING = 2 * 1440 + 600;

function limit(options: Partial<Parameters<typeof createAdaptiveLimit>[0]> = {}): AdaptiveLimit {
  return createAdaptiveLimit({
    settings: { min: '40/min', max: '250/min', shadow: false },
    response: 'share',
    ...options,
  });
}

/** The first days of a trace. */
function countsOf(name: string, days = 4): Float64Array {
  return makeTrace(name, 5).counts.subarray(0, days * 1440);
}

/** Lives through counts minute by minute; one decision for each. */
function live(adaptive: AdaptiveLimit, counts: Float64Array, start = START): AdaptiveDecision[] {
  adaptive.decide(DECLARED, (start - 1) * 60_000);
  return Array.from(counts, (count, minute) => {
    adaptive.record(count, (start + minute) * 60_000);
    return adaptive.decide(DECLARED, (start + minute + 1) * 60_000);
  });
}

const limits = (decisions: readonly AdaptiveDecision[]): number[] => decisions.map((decision) => decision.limit);
/** Decisions after two days, when the curve of a day is known. */
const later = (decisions: readonly AdaptiveDecision[]): AdaptiveDecision[] => decisions.slice(2 * 1440);
const busiest = (decisions: readonly AdaptiveDecision[]): AdaptiveDecision =>
  later(decisions).reduce((most, each) => (each.forecast > most.forecast ? each : most));
const quietest = (decisions: readonly AdaptiveDecision[]): AdaptiveDecision =>
  later(decisions).reduce((least, each) => (each.forecast < least.forecast ? each : least));

describe('an adaptive limit', () => {
  test('is less for each caller when more than usual is expected, and more when less is', () => {
    const decisions = live(limit(), countsOf('daily curve with jobs at the full hour'));
    expect(Math.min(...limits(later(decisions)))).toBeLessThan(80);
    expect(Math.max(...limits(later(decisions)))).toBeGreaterThan(130);
    expect(later(decisions).find(({ limit }) => limit < 80)?.usual).toBeLessThan(busiest(decisions).forecast);
    expect(busiest(decisions).reason).toBe('more-demand-expected');
    expect(quietest(decisions).reason).toBe('less-demand-expected');
  });

  test('follows demand where it is a limit of all callers together', () => {
    const decisions = later(live(limit({ response: 'follow' }), countsOf('daily curve')));
    const high = decisions.filter(({ limit }) => limit > 130);
    const low = decisions.filter(({ limit }) => limit < 80);
    expect(high.length).toBeGreaterThan(100);
    expect(low.length).toBeGreaterThan(100);
    for (const { forecast, usual } of high) expect(forecast).toBeGreaterThan(usual);
    for (const { forecast, usual } of low) expect(forecast).toBeLessThan(1.1 * usual);
  });

  test('in shadow stays what is declared, and tells what it would be', () => {
    const settings = { min: '40/min', max: '250/min', shadow: true } as const;
    const shadow = live(limit({ settings }), countsOf('daily curve'));
    const real = live(limit(), countsOf('daily curve'));
    expect(new Set(limits(shadow))).toEqual(new Set([DECLARED]));
    expect(shadow.some(({ acting }) => acting)).toBe(false);
    expect(shadow.map(({ proposed }) => proposed)).toEqual(limits(real));
  });

  test('never leaves its bounds, nor changes by more than a twentieth in a minute', () => {
    for (const name of ['daily curve with flash crowds', 'step', 'few requests']) {
      const each = limits(live(limit(), countsOf(name)));
      expect(Math.min(...each)).toBeGreaterThanOrEqual(40);
      expect(Math.max(...each)).toBeLessThanOrEqual(250);
      for (let minute = 1; minute < each.length; minute++) {
        const [before = 0, after = 0] = each.slice(minute - 1, minute + 1);
        expect(Math.abs(after - before)).toBeLessThanOrEqual(1 + 0.05 * Math.max(before, after));
      }
    }
  });

  test('rests most of the time while demand is about as usual', () => {
    const each = limits(later(live(limit(), countsOf('flat noise'))));
    const changes = each.filter((now, minute) => now !== (each[minute - 1] ?? now));
    expect(changes.length).toBeLessThan(40);
    expect(Math.min(...each)).toBeGreaterThan(85);
    expect(Math.max(...each)).toBeLessThan(120);
  });

  test('is what is declared until an hour of its forecasts was checked', () => {
    const decisions = live(limit(), countsOf('ramp').subarray(0, 60));
    expect(new Set(limits(decisions))).toEqual(new Set([DECLARED]));
    expect(decisions.at(-1)?.reason).toBe('too-little-history');
  });

  test('stays what is declared, or goes back to it, where its forecasts are not better than the last value', () => {
    const decisions = live(limit(), countsOf('random walk'));
    const unproven = decisions.filter(({ reason }) => reason === 'no-better-than-last-value');
    expect(unproven.length).toBeGreaterThan(decisions.length / 2);
    expect(unproven.every(({ acting }) => !acting)).toBe(true);
    // As many minutes as it takes back from either bound.
    const settled = decisions.filter((_, minute) =>
      decisions.slice(Math.max(0, minute - 20), minute + 1).every(({ acting }) => !acting),
    );
    expect(new Set(limits(settled))).toEqual(new Set([DECLARED]));
  });

  test('moves only when a minute has gone by, however often it is asked', () => {
    const once = limits(live(limit(), countsOf('daily curve', 2)));
    const adaptive = limit();
    adaptive.decide(DECLARED, (START - 1) * 60_000);
    const often = Array.from(countsOf('daily curve', 2), (count, minute) => {
      adaptive.record(count, (START + minute) * 60_000);
      const next = (START + minute + 1) * 60_000;
      return [0, 1000, 59_000].map((later) => adaptive.decide(DECLARED, next + later).limit);
    });
    expect(new Set(once).size).toBeGreaterThan(10);
    expect(often).toEqual(once.map((each) => [each, each, each]));
  });

  test('takes over another declared limit at once, by the same ratio', () => {
    const adaptive = limit({ settings: { min: '1/min', max: '1000/min', shadow: false } });
    const last = live(adaptive, countsOf('daily curve').subarray(0, MORNING)).at(-1);
    const now = (START + MORNING) * 60_000;
    expect(adaptive.decide(2 * DECLARED, now).limit / (last?.limit ?? 0)).toBeCloseTo(2, 1);
  });

  test('does nothing about a demand of zero', () => {
    const decisions = live(limit(), new Float64Array(2000));
    expect(new Set(limits(decisions))).toEqual(new Set([DECLARED]));
    expect(decisions.at(-1)).toMatchObject({ forecast: 0, usual: 0, acting: false });
  });

  test('brings a declared limit that is out of bounds inside, except in shadow', () => {
    const at = START * 60_000;
    expect(limit().decide(1000, at).limit).toBe(250);
    expect(limit().decide(1, at).limit).toBe(40);
    const settings = { min: '40/min', max: '250/min', shadow: true } as const;
    expect(limit({ settings }).decide(1000, at).limit).toBe(1000);
  });

  test('goes back to what is declared and learns anew when the clock goes back', () => {
    const adaptive = limit();
    const counts = countsOf('daily curve').subarray(0, MORNING);
    live(adaptive, counts);
    const [first, ...rest] = live(adaptive, counts.subarray(0, 100), START + 1000);
    expect(first?.reason).toBe('too-little-history');
    expect(rest.every((decision) => Number.isFinite(decision.forecast))).toBe(true);
    expect(rest[50]?.limit).toBe(DECLARED);
  });

  test('survives clocks and counts of every kind', () => {
    const adaptive = limit();
    let state = 7;
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    let minute = START;
    for (let step = 0; step < 3000; step++) {
      const dice = random();
      minute += dice < 0.98 ? 1 : dice < 0.985 ? -1 : dice < 0.99 ? -200 : dice < 0.997 ? 30 : 20_000;
      const count = [0, 1, 1e6, Number.NaN, -1, 300][Math.floor(random() * 6)] ?? 0;
      adaptive.record(count, random() < 0.001 ? Number.NaN : minute * 60_000);
      const { limit, forecast, usual, forecastError, lastValueError } = adaptive.decide(DECLARED, minute * 60_000);
      expect(limit >= 40 && limit <= 250 && Number.isInteger(limit)).toBe(true);
      expect([forecast, usual, forecastError, lastValueError].every((figure) => figure >= 0 && figure < 1e8)).toBe(
        true,
      );
    }
  });
});
