import { findFreePort } from '../../service/store/free-port.ts';
import { startFile, type Contestant } from './contestants/contestant.ts';
import { withHelper } from './contestants/peers.ts';
import { canMeasure, median, shuffled, type Measure } from './measure.ts';
import { createOpenLoop, type Outcome } from './overload/open-loop.ts';

const LIMITS = ['fixed', 'adaptive'] as const;
type LimitKind = (typeof LIMITS)[number];

type Scenario = {
  readonly name: string;
  /** Of the lane: what is fixed, and the most of what adapts. */
  readonly concurrency: number;
  /** Power of the upstream's slowdown beyond its capacity; 1 shares it, 2 loses as much again by contention. */
  readonly slowdown: number;
  /** What the goodput of the adaptive must hold, beside that of the fixed. */
  readonly hold: string;
};

/** Calls that the upstream works on at full pace, first and last, and in the middle of the run. */
const SLOTS = 16;
const LESS_SLOTS = 8;
const SERVICE_MS = 40;
/** An answer that takes longer is worth nothing. */
const DEADLINE_MS = 400;
/** One and a half times of what the healthy upstream answers. */
const RATE = (1.5 * SLOTS * 1000) / SERVICE_MS;
/** Nothing here is bound by a processor. */
const CORES = '0,1';
const SECONDS = { warmUp: 2, healthy: 3, less: 6, again: 3 };

const SCENARIOS: readonly Scenario[] = [
  { name: 'right limit, contention', concurrency: SLOTS, slowdown: 2, hold: '≥ 1' },
  { name: 'twice too high, contention', concurrency: 2 * SLOTS, slowdown: 2, hold: '≥ 1.2' },
  { name: 'twice too high, no contention', concurrency: 2 * SLOTS, slowdown: 1, hold: '≥ 0.95' },
];

type Result = { readonly goodput: number; readonly p95Ms: number };

/**
 * The overload that decides whether concurrency adapts: an open loop at 1.5 times the upstream's capacity, which halves
 * in the middle and comes back. The gateway's lane with a fixed limit against one that adapts, in fresh processes,
 * shuffled; answers in time per second (goodput) and the 95th percentile of the answered, as medians of the ratios
 * within a round. Adaptive is worth it where goodput is above 1 and the percentile below.
 */
export async function measureOverload(rounds: number): Promise<readonly Measure[]> {
  if (!canMeasure('overload', ['taskset'])) return [];
  const measures: Measure[] = [];
  for (const scenario of SCENARIOS) {
    const results: Record<LimitKind, Result[]> = { fixed: [], adaptive: [] };
    for (let round = 0; round < rounds; round++) {
      for (const kind of shuffled(LIMITS)) results[kind].push(await measureOne(kind, scenario));
    }
    const ratio = (figure: (result: Result) => number): number =>
      median(results.adaptive.map((result, round) => figure(result) / figure(results.fixed[round] ?? result)));
    measures.push(
      {
        name: `overload, ${scenario.name}: goodput, fixed`,
        value: median(results.fixed.map(({ goodput }) => goodput)),
        unit: '1/s',
      },
      {
        name: `overload, ${scenario.name}: goodput, adaptive vs fixed`,
        value: ratio((result) => result.goodput),
        unit: 'ratio',
        hold: scenario.hold,
      },
      {
        name: `overload, ${scenario.name}: p95, adaptive vs fixed`,
        value: ratio((result) => result.p95Ms),
        unit: 'ratio',
        hold: '≤ 1',
      },
    );
  }
  return measures;
}

async function measureOne(kind: LimitKind, scenario: Scenario): Promise<Result> {
  const upstream = await startUpstream(scenario);
  const changeSlots = (slots: number): Promise<unknown> => fetch(`${upstream.url}slots/${slots}`);
  const gateway = await withHelper(upstream, ({ url }) => startGateway(kind, scenario, url));
  const load = createOpenLoop(gateway.url);
  try {
    await load.run(SECONDS.warmUp, RATE / 3);
    const healthy = await load.run(SECONDS.healthy, RATE);
    await changeSlots(LESS_SLOTS);
    const less = await load.run(SECONDS.less, RATE);
    await changeSlots(SLOTS);
    return resultOf([healthy, less, await load.run(SECONDS.again, RATE)]);
  } finally {
    await load.close();
    await gateway.stop();
  }
}

async function startUpstream({ slowdown }: Scenario): Promise<Contestant> {
  const port = String(await findFreePort());
  const variables = {
    PORT: port,
    SLOTS: String(SLOTS),
    SERVICE_MS: String(SERVICE_MS),
    SLOWDOWN: String(slowdown),
  };
  return startFile('test/bench/overload/upstream.ts', `http://127.0.0.1:${port}/`, variables, CORES);
}

async function startGateway(kind: LimitKind, { concurrency }: Scenario, upstream: string): Promise<Contestant> {
  const port = String(await findFreePort());
  const variables = {
    PORT: port,
    UPSTREAM: new URL(upstream).origin,
    LIMIT: kind,
    CONCURRENCY: String(concurrency),
    DEADLINE_MS: String(DEADLINE_MS),
  };
  return startFile('test/bench/overload/gateway.ts', `http://127.0.0.1:${port}/`, variables, CORES);
}

function resultOf(phases: readonly Outcome[]): Result {
  const answered = phases.flatMap(({ answeredMs }) => answeredMs).sort((a, b) => a - b);
  const seconds = phases.reduce((sum, phase) => sum + phase.seconds, 0);
  return {
    goodput: answered.filter((ms) => ms <= DEADLINE_MS).length / seconds,
    p95Ms: answered[Math.floor(0.95 * answered.length)] ?? Number.NaN,
  };
}
