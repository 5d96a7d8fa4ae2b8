import { describe, expect, test } from '@jest/globals';
import {
  gradientConcurrency,
  type GradientLimit,
  type GradientOptions,
} from '../../service/resilience/gradient-limit.ts';

type Server = {
  /** Calls that it works on at its full pace; the more above, the slower each. */
  slots: number;
  /** Milliseconds of a call at full pace. */
  serviceMs: number;
  /** Share of calls that it refuses. */
  refuses: number;
};

type Simulation = {
  readonly limit: GradientLimit;
  readonly server: Server;
  /** Lets callers come at this rate for so long; what each admitted call took, and the limits seen. */
  run(seconds: number, callsPerSecond: number): { readonly tookMs: number[]; readonly limits: Set<number> };
};

/** Callers at random times, a limit that turns away what is beyond it, and a server; in simulated time. */
function simulate(options: Omit<GradientOptions, 'now'>, seed = 1): Simulation {
  let time = 0;
  let state = seed;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const limit = gradientConcurrency({ ...options, now: () => time });
  const server: Server = { slots: 50, serviceMs: 20, refuses: 0 };
  const atWork: { readonly endsAt: number; end(): void }[] = [];

  function start(tookMs: number[]): void {
    if (atWork.length >= limit.current) return;
    const dropped = random() < server.refuses;
    const inFlight = atWork.length + 1;
    const slower = Math.max(1, inFlight / server.slots);
    const duration = server.serviceMs * slower * (0.8 + 0.4 * random());
    const call = {
      endsAt: time + duration,
      end() {
        tookMs.push(duration);
        limit.observe(duration, inFlight, dropped);
      },
    };
    atWork.splice(atWork.findLastIndex(({ endsAt }) => endsAt <= call.endsAt) + 1, 0, call);
  }

  return {
    limit,
    server,
    run(seconds, callsPerSecond) {
      const until = time + seconds * 1000;
      const tookMs: number[] = [];
      const limits = new Set<number>();
      while (time < until) {
        const arrivesAt = time - (Math.log(1 - random()) * 1000) / callsPerSecond;
        for (let next = atWork[0]; next !== undefined && next.endsAt <= arrivesAt; next = atWork[0]) {
          time = next.endsAt;
          atWork.shift();
          next.end();
        }
        time = arrivesAt;
        start(tookMs);
        limits.add(limit.current);
      }
      return { tookMs, limits };
    },
  };
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

describe('the gradient limit', () => {
  test('begins at the least, or where it is told to, and is a whole number inside its bounds', () => {
    expect(gradientConcurrency({ min: 5, max: 40 }).current).toBe(5);
    expect(gradientConcurrency({ min: 5, max: 40, initial: 20 }).current).toBe(20);
    expect(gradientConcurrency({ min: 5, max: 40, initial: 200 }).current).toBe(40);
    expect(gradientConcurrency({ min: 0, max: 40, initial: 0 }).current).toBe(1);
  });

  test('grows to the most and stays there while the server keeps its pace under full load', () => {
    const { run, server } = simulate({ min: 5, max: 50 });
    server.slots = 100;
    run(10, 2500);
    expect(run(60, 2500).limits).toEqual(new Set([50]));
  });

  test('grows to what the server can work on without delay', () => {
    const { run, limit } = simulate({ min: 5, max: 200 });
    run(30, 10_000);
    expect(limit.current).toBeGreaterThan(40);
    expect(limit.current).toBeLessThan(150);
  });

  test('does not grow while less than half of it is used', () => {
    const { run } = simulate({ min: 5, max: 200, initial: 20 });
    expect(run(60, 100).limits).toEqual(new Set([20]));
  });

  test('shrinks within seconds when the server loses most of its capacity, and grows again when it is back', () => {
    const { run, server, limit } = simulate({ min: 5, max: 50 });
    run(30, 3000);
    expect(limit.current).toBeGreaterThan(40);
    server.slots = 10;
    const limits = run(10, 3000).limits;
    expect(Math.min(...limits)).toBeLessThanOrEqual(25);
    expect(mean(run(5, 3000).tookMs)).toBeLessThan(70);
    server.slots = 50;
    run(10, 3000);
    expect(limit.current).toBeGreaterThan(40);
  });

  test('takes a lasting slowness for what is usual, in the end', () => {
    const { run, server, limit } = simulate({ min: 5, max: 50 });
    run(20, 3000);
    server.serviceMs = 100;
    run(10, 3000);
    expect(limit.current).toBeLessThan(25);
    run(600, 1000);
    expect(limit.current).toBeGreaterThan(40);
    expect(limit.usualMs).toBeGreaterThan(60);
  });

  test('soon forgets what was usual when the server becomes fast', () => {
    const { run, server, limit } = simulate({ min: 5, max: 50 });
    server.serviceMs = 400;
    run(30, 200);
    server.serviceMs = 20;
    run(10, 2000);
    expect(limit.usualMs).toBeLessThan(50);
  });

  test('shrinks to the least while everything is dropped, however little it is used', () => {
    const { run, server, limit } = simulate({ min: 5, max: 50, initial: 50 });
    run(10, 100);
    server.refuses = 1;
    run(10, 100);
    expect(limit.current).toBe(5);
  });

  test('does not grow while calls are dropped, and does after', () => {
    const { run, server } = simulate({ min: 5, max: 50, initial: 20 });
    server.refuses = 0.3;
    expect(Math.max(...run(10, 3000).limits)).toBe(20);
    server.refuses = 0;
    expect(Math.max(...run(10, 3000).limits)).toBe(50);
  });

  test('bears single drops without losing much', () => {
    const { run, server } = simulate({ min: 5, max: 50 });
    server.slots = 100;
    run(10, 2500);
    server.refuses = 0.001;
    expect(Math.min(...run(60, 2500).limits)).toBeGreaterThan(40);
  });

  test('judges nothing on fewer than ten calls or before the window is over', () => {
    let time = 0;
    const limit = gradientConcurrency({ min: 5, max: 50, initial: 50, windowMs: 100, now: () => time });
    for (let call = 0; call < 1000; call++) limit.observe(20, 50, true);
    expect(limit.current).toBe(50);
    time = 100;
    limit.observe(20, 50, true);
    expect(limit.current).toBe(45);
    time = 1000;
    for (let call = 0; call < 9; call++) limit.observe(20, 50, true);
    expect(limit.current).toBe(45);
    limit.observe(20, 50, true);
    expect(limit.current).toBeLessThan(45);
  });

  test('stays in bounds and finite whatever it is told', () => {
    let time = 0;
    const limit = gradientConcurrency({ min: 5, max: 50, now: () => time });
    const durations = [Number.NaN, -1, Number.POSITIVE_INFINITY, 0, 1e9, 20];
    for (let call = 0; call < 10_000; call++) {
      time += call % 7;
      limit.observe(durations[call % durations.length] ?? 0, call % 60, call % 11 === 0);
      expect(limit.current).toBeGreaterThanOrEqual(5);
      expect(limit.current).toBeLessThanOrEqual(50);
      expect(Number.isFinite(limit.usualMs)).toBe(true);
    }
  });
});
