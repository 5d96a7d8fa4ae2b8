import { describe, expect, test } from '@jest/globals';
import type { LimitCell } from '../../../service/limit/memory/cell.ts';
import { SlidingCounter } from '../../../service/limit/memory/sliding-counter.ts';
import { SlidingLog } from '../../../service/limit/memory/sliding-log.ts';
import { TokenBucket } from '../../../service/limit/memory/token-bucket.ts';
import { mostInAnyWindow, seeded, type Random } from '../random.ts';

const WINDOW = 1_000_000;
const LIMIT = 20;
const seeds = [1, 2, 3, 4, 5];

/** Pauses of every kind: none, short, and long enough to empty a window; bursts fill what there is at once. */
function arrivals(random: Random, count: number): number[] {
  let time = 0;
  return Array.from({ length: count }, () => {
    const pause = random.pick([0, 0, 0, random.whole(1, 5_000), random.whole(1, 50_000), random.whole(1, 2_000_000)]);
    return (time += random.next() < 0.9 ? Math.min(pause, 50_000) : pause);
  });
}

function admitted(cell: LimitCell, times: readonly number[], limit: (time: number) => number): number[] {
  return times.filter((time) => {
    if (cell.look(time, limit(time)) < 1) return false;
    cell.take();
    return true;
  });
}

describe('a sliding log', () => {
  test.each(seeds)('admits whatever keeps every window at its limit, and nothing else (seed %i)', (seed) => {
    const times = arrivals(seeded(seed), 3_000);
    const expected: number[] = [];
    for (const time of times) if (expected.filter((each) => each > time - WINDOW).length < LIMIT) expected.push(time);
    const actual = admitted(new SlidingLog(WINDOW), times, () => LIMIT);
    expect(actual).toEqual(expected);
    expect(mostInAnyWindow(actual, WINDOW)).toBe(LIMIT);
  });

  test.each(seeds)('holds every window to the largest limit that was in force in it (seed %i)', (seed) => {
    const random = seeded(seed);
    const times = arrivals(random, 3_000);
    const limits = Array.from({ length: 10_000 }, () => random.whole(1, 60));
    const limitAt = (time: number): number => limits[Math.floor(time / 700_000) % limits.length] ?? 1;
    const actual = admitted(new SlidingLog(WINDOW), times, limitAt);
    for (const [place, time] of actual.entries()) {
      const inWindow = actual.slice(0, place + 1).filter((each) => each > time - WINDOW).length;
      expect(inWindow).toBeLessThanOrEqual(limitAt(time));
    }
  });
});

describe('a sliding counter', () => {
  test.each(seeds)('never exceeds 2 × limit − 1 in any window, nor the limit in one of the grid (seed %i)', (seed) => {
    const times = arrivals(seeded(seed), 5_000);
    const actual = admitted(new SlidingCounter(WINDOW), times, () => LIMIT);
    expect(mostInAnyWindow(actual, WINDOW)).toBeLessThanOrEqual(2 * LIMIT - 1);
    const perWindow = new Map<number, number>();
    for (const time of actual)
      perWindow.set(Math.floor(time / WINDOW), (perWindow.get(Math.floor(time / WINDOW)) ?? 0) + 1);
    expect(Math.max(...perWindow.values())).toBeLessThanOrEqual(LIMIT);
  });

  test('reaches its bound when a burst at the end of a window is followed by all that the next one gives', () => {
    const burst = Array.from({ length: LIMIT }, () => WINDOW - 1);
    const next = Array.from({ length: WINDOW / 100 }, (_, place) => WINDOW + place * 100);
    const actual = admitted(new SlidingCounter(WINDOW), [...burst, ...next, 2 * WINDOW - 2], () => LIMIT);
    expect(mostInAnyWindow(actual, WINDOW)).toBe(2 * LIMIT - 1);
  });
});

describe('a token bucket', () => {
  const SPAN = 50_000;

  test.each(seeds)('never admits more than capacity + time / time per token, in any time (seed %i)', (seed) => {
    const times = arrivals(seeded(seed), 5_000);
    const actual = admitted(new TokenBucket(SPAN), times, () => LIMIT);
    for (const length of [1, SPAN, 3 * SPAN, WINDOW, 5 * WINDOW])
      expect(mostInAnyWindow(actual, length)).toBeLessThanOrEqual(LIMIT + Math.floor(length / SPAN));
  });

  test('admits its capacity at once and then its rate', () => {
    const bucket = new TokenBucket(SPAN);
    const times = Array.from({ length: 2_000 }, (_, place) => 7 * WINDOW + place * 1_000);
    expect(admitted(bucket, times, () => LIMIT)).toHaveLength(LIMIT + Math.floor((times.length - 1) / 50));
  });
});

describe.each<[name: string, create: () => LimitCell]>([
  ['a sliding log', () => new SlidingLog(WINDOW)],
  ['a sliding counter', () => new SlidingCounter(WINDOW)],
  ['a token bucket', () => new TokenBucket(50_000)],
])('%s', (_name, create) => {
  test.each(seeds)('has one more as soon as it said it would, and not a microsecond before (seed %i)', (seed) => {
    const random = seeded(seed);
    const cell = create();
    for (const time of arrivals(random, 2_000)) {
      const left = cell.look(time, LIMIT);
      if (left > 0 && random.next() < 0.8) cell.take();
      const now = cell.left;
      const reset = cell.resetUs();
      if (reset === 0) {
        expect(now).toBe(LIMIT);
        continue;
      }
      if (random.next() < 0.9) continue;
      expect(cell.look(time + reset - 1, LIMIT)).toBe(now);
      expect(cell.look(time + reset, LIMIT)).toBeGreaterThan(now);
      return;
    }
    throw new Error('never used');
  });
});
