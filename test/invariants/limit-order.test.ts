import { expect, test } from '@jest/globals';
import { checkService, formatFix, type Finding } from '../../infra/invariants/index.ts';
import { burst, holds, most, sustained, type Bound } from '../../service/definition/limit-bounds.ts';
import { definition, parseService, withValues, type Service } from '../../service/definition/index.ts';
import { describeCases, type Case } from './case.ts';

const CASES: readonly Case[] = [
  {
    rule: 'limit-order',
    path: 'ai.tokens.key',
    broken: ['ai.tokens.key=1000000/min'],
    sound: ['ai.tokens.key=999999/min'],
    problem:
      '1000000/min ai.tokens.key ≥ 1000000/min ai.providers.openai.models.gpt-4o-mini.tokens, the widest of all models',
    fix: 'ai.tokens.key=500000/min',
  },
  {
    rule: 'limit-order',
    path: 'routes.search.limit',
    broken: ['routes.search.limit.window=7000/min'],
    sound: ['routes.search.limit.window=6999/min'],
    problem:
      '7000 requests in 60s of routes.search.limit ≥ 7000 that any caller is admitted in that time; the most are by limits.tiers.enterprise.limit, bucket of 1000, 100/s',
    fix: 'routes.search.limit.window=6999/min',
  },
  {
    rule: 'limit-order',
    path: 'limits.tiers.enterprise.limit',
    broken: ['limits.tiers.enterprise.limit.bucket.refill=501/s'],
    sound: ['limits.tiers.enterprise.limit.bucket.refill=500/s'],
    problem:
      '501/s that limits.tiers.enterprise.limit (bucket of 1000, 501/s) promises one caller > 500/s that limits.global (bucket of 5000, 500/s) admits of everyone together',
    fix: 'limits.global.bucket.refill=501/s',
  },
  {
    rule: 'limit-order',
    path: 'limits.tiers.enterprise.limit',
    broken: ['limits.global.bucket.capacity=999'],
    sound: ['limits.global.bucket.capacity=1000'],
    problem:
      '1000 at once that limits.tiers.enterprise.limit (bucket of 1000, 100/s) promises one caller > 999 at once that limits.global (bucket of 999, 500/s) admits of everyone together',
    fix: 'limits.global.bucket.capacity=1000',
  },
  {
    rule: 'limit-order',
    path: 'load.peak',
    broken: ['load.peak=501/s'],
    sound: ['load.peak=500/s'],
    problem: '501/s load.peak > 500/s that limits.global (bucket of 5000, 500/s) admits of everyone together',
    fix: 'limits.global.bucket.refill=501/s',
  },
  {
    rule: 'limit-order',
    path: 'resilience.lanes.critical.queue',
    broken: ['resilience.lanes.critical.queue=181'],
    sound: ['resilience.lanes.critical.queue=180'],
    problem:
      '181 resilience.lanes.critical.queue > 200 resilience.maxInFlight − 20 worked on at least = 180 that can ever wait',
    fix: 'resilience.lanes.critical.queue=180',
  },
  {
    rule: 'limit-order',
    path: 'resilience.lanes.critical.concurrency',
    broken: ['resilience.lanes.critical.concurrency=201'],
    sound: ['resilience.lanes.critical.concurrency=200'],
    problem: '201 resilience.lanes.critical.concurrency > 200 resilience.maxInFlight',
    fix: 'resilience.lanes.critical.concurrency=200',
  },
  {
    rule: 'limit-order',
    path: 'resilience.lanes.background.queue',
    broken: ['resilience.lanes.background.queue=141'],
    sound: ['resilience.lanes.background.queue=140'],
    problem:
      '141 resilience.lanes.background.queue > 160 (80 % of 200 resilience.maxInFlight) − 20 worked on at least = 140 that can ever wait',
    fix: 'resilience.lanes.background.queue=140',
  },
  {
    rule: 'limit-order',
    path: 'resilience.lanes.critical.upstream',
    broken: ['resilience.minConcurrency=3'],
    sound: ['resilience.minConcurrency=4'],
    problem:
      '1 in a worker that may call the upstream (80% resilience.lanes.critical.upstream) ≥ 1 that it works on at least',
    fix: 'resilience.minConcurrency=4',
  },
  {
    rule: 'limit-order',
    path: 'resilience.maxStreams',
    broken: ['upstream.streamConnections=100'],
    sound: ['upstream.streamConnections=101'],
    problem: '100 of a worker (200 resilience.maxStreams, 2 gateway.workers) ≥ 100 upstream.streamConnections',
    fix: 'upstream.streamConnections=101',
  },
  {
    rule: 'limit-order',
    path: 'resilience.maxInFlight',
    broken: ['resilience.maxInFlight=420'],
    sound: ['resilience.maxInFlight=419'],
    problem: '420 resilience.maxInFlight ≥ 160 + 180 critical + 40 + 40 background = 420 that the lanes take in anyway',
    fix: 'resilience.maxInFlight=419',
  },
  {
    rule: 'limit-order',
    path: 'routes.search.concurrency',
    // Two windows of a minute fit the 120 s that a stream may last.
    broken: ['routes.search.concurrency=60'],
    sound: ['routes.search.concurrency=59'],
    problem:
      '60 requests in flight of routes.search.concurrency ≥ 60 that any caller is admitted in 120s, the longest that one lasts',
    fix: 'routes.search.concurrency=59',
  },
];

describeCases(CASES);

test('a limit that binds for one kind of caller alone is none that never binds', () => {
  // More than addresses and keys may send at all, and less than the tiers pro and enterprise.
  expect(checkService(withValues(definition.prod, ['routes.search.limit.window=200/min']))).toEqual([]);
});

test('a tier is freed from the limit of a route by a wide one of its own', () => {
  expect(checkService(withTierRoute({ window: '1000000/min' }))).toEqual([]);
});

test('the limit of a route that every tier replaces is compared with the callers that are left', () => {
  const freed = withTierRoute({ window: '1000000/min' });
  // 100/min of an address is now the most that the limit of the route can see.
  expect(pathsOf(checkService(withValues(freed, ['routes.search.limit.window=100/min'])))).toEqual([
    'routes.search.limit',
  ]);
  expect(checkService(withValues(freed, ['routes.search.limit.window=99/min']))).toEqual([]);
});

test('a bucket of a route never binds where it holds as much and fills as fast as that of every caller', () => {
  const with_ = (capacity: number, refill: string): Service => {
    const { routes, ...rest } = definition.prod;
    return parseService({
      ...rest,
      routes: { ...routes, search: { ...routes.search, limit: { bucket: { capacity, refill } } } },
    });
  };

  const [finding] = checkService(with_(1000, '100/s'));
  expect(finding?.problem).toBe(
    'routes.search.limit, bucket of 1000, 100/s, holds more than any caller is admitted: 1000 ≥ 1000 at once and 100/s ≥ 100/s; the most are by limits.tiers.enterprise.limit, bucket of 1000, 100/s',
  );
  expect(finding?.fixes.map(formatFix)).toEqual([
    '--set routes.search.limit.bucket.capacity=999',
    'take routes.search.limit away: without it the same requests are denied',
  ]);
  expect(checkService(with_(999, '100/s'))).toEqual([]);
  expect(checkService(with_(1000, '99/s'))).toEqual([]);
});

test('a window of everyone is compared with what one caller, and the peak, send in its length', () => {
  const { limits, ...rest } = definition.prod;
  const windowed = parseService({ ...rest, limits: { ...limits, global: '6999/min' } });
  const findings = checkService(windowed);

  expect(findings.map(({ path, problem, fixes }) => [path, problem, fixes.map(formatFix)])).toEqual([
    [
      'limits.tiers.enterprise.limit',
      '7000 in 60s that limits.tiers.enterprise.limit (bucket of 1000, 100/s) promises one caller > 6999 in 60s that limits.global (6999/min) admits of everyone together',
      ['--set limits.global.window=7000/min'],
    ],
    [
      'load.peak',
      '500/s load.peak > 116.65/s that limits.global (6999/min) admits of everyone together',
      ['--set limits.global.window=30000/min'],
    ],
  ]);
  expect(checkService(withValues(windowed, ['limits.global.window=30000/min']))).toEqual([]);
});

test('a limit of a route that is exempt from every limit is told', () => {
  const findings = checkService(withValues(definition.prod, ['routes.search.limited=false']));
  expect(findings).toMatchObject([
    {
      rule: 'limit-order',
      path: 'routes.search.limited',
      problem: 'routes.search.limited=false exempts the route from every limit, and so from routes.search.limit',
      fixes: [{ settings: ['routes.search.limited=true'] }, { edit: 'take routes.search.limit away' }],
    },
  ]);
});

test('a limit in shadow denies nobody, so nothing is compared with it', () => {
  const shadowed = ['limits.tiers.enterprise.limit.shadow=true', 'routes.search.limit.window=7000/min'];
  expect(checkService(withValues(definition.prod, shadowed))).toEqual([]);
  expect(checkService(withValues(definition.prod, ['limits.global.shadow=true', 'load.peak=501/s']))).toEqual([]);
});

test('a schedule and a forecast in force widen what a caller may send; a forecast in shadow does not', () => {
  const all = ['limits.global.bucket.capacity=1000', 'limits.address.adaptive.max=1001/min'];
  expect(checkService(withValues(definition.prod, all))).toEqual([]);
  expect(pathsOf(checkService(withValues(definition.prod, [...all, 'limits.address.adaptive.shadow=false'])))).toEqual([
    'limits.address',
  ]);
});

// What holds says is what counting says: requests as dense as the inner bound admits, against the outer one.
test.each<[Bound, Bound]>(
  ['window', 'bucket'].flatMap((outer) =>
    ['window', 'bucket'].flatMap((inner) =>
      [1, 2, 5].flatMap((a) =>
        [1, 2, 3, 5, 10].map((b): [Bound, Bound] => [boundOf(outer, a, b), boundOf(inner, 3, 2)]),
      ),
    ),
  ),
)('%j holds %j exactly if it denies no request of it', (outer, inner) => {
  const times = densest(inner);
  expect(holds(outer, inner)).toBe(times.every((time, index) => admits(outer, times.slice(0, index), time)));
});

test('what a bound admits at once, in a time and in the long run', () => {
  const window: Bound = { kind: 'window', count: 30, milliseconds: 60_000 };
  const bucket: Bound = { kind: 'bucket', capacity: 10, perSecond: 1 };
  expect([burst(window), most(window, 60_000), most(window, 61_000), sustained(window)]).toEqual([30, 30, 60, 0.5]);
  expect([burst(bucket), most(bucket, 60_000), sustained(bucket)]).toEqual([10, 70, 1]);
});

function boundOf(kind: string, count: number, other: number): Bound {
  return kind === 'window'
    ? { kind, count, milliseconds: other * 1000 }
    : { kind: 'bucket', capacity: count, perSecond: other };
}

/** The times of requests, each as early as the bound admits it, over a minute. */
function densest(bound: Bound): readonly number[] {
  const times: number[] = [];
  for (let time = 0; time < 60_000;) {
    if (admits(bound, times, time)) times.push(time);
    else time += 100;
  }
  return times;
}

/** Whether a bound admits one more request after those admitted; by counting them one by one. */
function admits(bound: Bound, before: readonly number[], time: number): boolean {
  if (bound.kind === 'window') return before.filter((each) => each > time - bound.milliseconds).length < bound.count;
  let tokens = bound.capacity;
  let last = 0;
  for (const each of before) {
    tokens = Math.min(bound.capacity, tokens + ((each - last) * bound.perSecond) / 1000) - 1;
    last = each;
  }
  // Sums of tenths.
  return Math.min(bound.capacity, tokens + ((time - last) * bound.perSecond) / 1000) > 1 - 1e-6;
}

/** The route search has a limit of its own for every tier. */
function withTierRoute(limit: object): Service {
  const { limits, ...rest } = definition.prod;
  const tiers = Object.entries(limits.tiers).map(([tier, own]) => [tier, { ...own, routes: { search: limit } }]);
  return parseService({ ...rest, limits: { ...limits, tiers: Object.fromEntries(tiers) as object } });
}

function pathsOf(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ path }) => path);
}
