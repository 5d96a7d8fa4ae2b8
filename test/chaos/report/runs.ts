import type { Assertion, Run, Series, TimelineEntry } from '../../../chaos/report/index.ts';

/** When the first run of these began: 2026-01-02 03:04:05 UTC. */
export const BEGAN = Date.UTC(2026, 0, 2, 3, 4, 5);

/** What a run is made of that differs between tests. */
export type RunOptions = Partial<Run> & {
  /** Seconds from the fault to each link, by its id; undefined: it never happened. */
  readonly took?: Readonly<Record<string, number | undefined>>;
};

type Link = {
  readonly id: string;
  readonly title: string;
  readonly from: 'fault' | 'revert';
  readonly within: number;
  readonly took: number;
};

const LINKS: readonly Link[] = [
  { id: 'breaker-opens', title: 'The breaker upstream-critical opens', from: 'fault', within: 30, took: 4.2 },
  { id: 'latency-told', title: 'GatewayLatencyHigh fires', from: 'fault', within: 90, took: 61.4 },
  { id: 'breaker-closes', title: 'The breaker upstream-critical closes', from: 'revert', within: 30, took: 11.8 },
  { id: 'latency-over', title: 'GatewayLatencyHigh resolves', from: 'revert', within: 120, took: 74.6 },
  { id: 'steady-again', title: 'The steady state is back', from: 'revert', within: 150, took: 82.1 },
];

/** Seconds of the phases: before the fault, while it lasts, and at most after it. */
const [BEFORE, FAULT, AFTER] = [30, 95, 105];

/** A drill of a slow upstream at full pace, in which all that had to happen did. */
export function passedRun({ took = {}, ...fields }: RunOptions = {}): Run {
  const startedAt = fields.startedAt ?? BEGAN;
  const injectedAt = startedAt + BEFORE * 1000;
  const revertedAt = injectedAt + FAULT * 1000;
  const endedAt = revertedAt + AFTER * 1000;
  const timeline = LINKS.map(({ id, title, from, within, took: usual }): TimelineEntry => {
    const since = from === 'fault' ? injectedAt : revertedAt;
    const seconds = id in took ? took[id] : usual;
    return {
      id,
      title,
      from: since,
      due: since + within * 1000,
      ...(seconds !== undefined && { at: since + seconds * 1000 }),
    };
  });
  return {
    format: 1,
    id: `upstream-slow-${new Date(startedAt).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`,
    experiment: 'upstream-slow',
    hypothesis:
      'When the upstream answers two seconds late, searches that the cache does not hold become slow and none fails, so that latency alone is told.',
    blastRadius:
      'Searches and chats of this namespace that reach the sample upstream. Its probes, the stores and every other namespace are not touched.',
    target: 'local',
    environment: 'staging',
    namespace: 'sluice-staging',
    pace: 'full',
    means: 'local',
    seed: 42,
    versions: {
      sluice: '0.1.0 (f555aa6)',
      node: 'v24.21.0',
      prometheus: '2.42.0',
      alertmanager: '0.25.0',
      redis: '7.0.15',
      postgres: '18.4',
    },
    startedAt,
    endedAt,
    verdict: 'passed',
    reason: 'All five links of the chain happened in time, no request was lost and no other alert fired.',
    phases: [
      { name: 'before', from: startedAt, to: injectedAt },
      { name: 'fault', from: injectedAt, to: revertedAt },
      { name: 'after', from: revertedAt, to: endedAt },
    ],
    fault: { title: 'upstream 2 s late', injectedAt, revertedAt },
    assertions: [steadyBefore, ...timeline.map(linkAssertion), ...BOUNDS],
    timeline,
    lanes: [
      {
        lane: 'critical',
        sent: 9_214,
        failedOnce: 61,
        lost: 0,
        p50: 0.0124,
        p99: 2.31,
        reasons: { '503 upstream-unavailable': 49, '504 upstream-timeout': 12 },
      },
      { lane: 'background', sent: 460, failedOnce: 0, lost: 0, p50: 0.0061, p99: 0.048, reasons: {} },
    ],
    budget: { allowed: 0.001, bad: 61, requests: 9_674, used: 0.0147 },
    series: seriesOf(startedAt, injectedAt, revertedAt, endedAt, true),
    leftovers: [],
    repeat: 'npx sluice drill --experiment upstream-slow --seed 42 --out drills',
    ...fields,
  };
}

/** The same with the breaker switched off: it never opens, the alert is late, and requests are lost. */
export function failedRun(fields: RunOptions = {}): Run {
  const run = passedRun({
    took: { 'breaker-opens': undefined, 'latency-told': 104.5, 'breaker-closes': undefined },
    ...fields,
  });
  const { injectedAt = 0, revertedAt = 0 } = run.fault ?? {};
  return {
    ...run,
    verdict: 'failed',
    without: 'the breaker of the upstream',
    reason:
      'The breaker upstream-critical did not open within 30 s, GatewayLatencyHigh fired 14.5 s late, and 318 requests of the critical lane were lost.',
    assertions: run.assertions.map((assertion) => BROKEN[assertion.id] ?? assertion),
    lanes: run.lanes.map((lane) =>
      lane.lane === 'critical'
        ? { ...lane, failedOnce: 702, lost: 318, p99: 11.9, reasons: { '504 upstream-timeout': 644, ECONNRESET: 58 } }
        : lane,
    ),
    budget: { allowed: 0.001, bad: 702, requests: 9_674, used: 0.169 },
    series: seriesOf(run.startedAt, injectedAt, revertedAt, run.endedAt, false),
    repeat: 'npx sluice drill --experiment upstream-slow --without protection --seed 42 --out drills',
    ...fields,
  };
}

/** Broken off while the fault was there: too many requests failed. */
export function abortedRun(fields: RunOptions = {}): Run {
  const startedAt = fields.startedAt ?? BEGAN;
  const [injectedAt, revertedAt] = [startedAt + BEFORE * 1000, startedAt + (BEFORE + 24) * 1000];
  const endedAt = revertedAt + 20_000;
  const run = passedRun({
    took: { 'latency-told': undefined, 'breaker-closes': 11.8, 'latency-over': undefined, 'steady-again': undefined },
    ...fields,
  });
  const skipped = new Set(['latency-told', 'latency-over', 'steady-again']);
  return {
    ...run,
    endedAt,
    verdict: 'aborted',
    reason:
      'More than 20 % of the requests of the critical lane failed over ten seconds, so the fault was taken back 24 s after it began.',
    phases: [
      { name: 'before', from: startedAt, to: injectedAt },
      { name: 'fault', from: injectedAt, to: revertedAt },
      { name: 'after', from: revertedAt, to: endedAt },
    ],
    fault: { title: 'upstream 2 s late', injectedAt, revertedAt },
    timeline: run.timeline.map((entry) => {
      const shift = entry.from === run.fault?.revertedAt ? revertedAt - entry.from : 0;
      const { at, ...rest } = entry;
      return {
        ...rest,
        from: entry.from + shift,
        due: entry.due + shift,
        ...(at !== undefined && { at: at + shift }),
      };
    }),
    assertions: run.assertions.map((assertion) =>
      skipped.has(assertion.id) ? skippedFor(assertion, 'the drill was broken off before it was due') : assertion,
    ),
    series: seriesOf(startedAt, injectedAt, revertedAt, endedAt, true),
    leftovers: ['a fault proxy in front of redis, of redis-frozen-20260101T030405Z'],
    ...fields,
  };
}

/** Refused before anything was injected: the steady state did not hold. */
export function neverInjectedRun(fields: Partial<Run> = {}): Run {
  const { fault: _none, ...run } = passedRun(fields);
  return {
    ...run,
    endedAt: run.startedAt + 12_000,
    verdict: 'aborted',
    reason: 'The steady state did not hold before the fault: StoreFailing was firing. Nothing was injected.',
    phases: [{ name: 'before', from: run.startedAt, to: run.startedAt + 12_000 }],
    assertions: run.assertions.map((assertion) =>
      assertion.id === 'steady-before'
        ? { ...assertion, outcome: 'broke', measured: 'StoreFailing fires', value: 1 }
        : skippedFor(assertion, 'nothing was injected'),
    ),
    timeline: [],
    lanes: [],
    budget: { allowed: 0.001, bad: 0, requests: 0, used: 0 },
    series: [],
    ...fields,
  };
}

const steadyBefore: Assertion = {
  id: 'steady-before',
  title: 'The steady state held before the fault',
  kind: 'steady',
  outcome: 'held',
  measured: '0 of 4 checks red',
  allowed: 'none',
  value: 0,
  limit: 0,
};

const BOUNDS: readonly Assertion[] = [
  {
    id: 'lost-critical',
    title: 'Requests of the critical lane that were lost',
    kind: 'bound',
    outcome: 'held',
    measured: '0 of 9,214',
    allowed: 'at most 0',
    value: 0,
    limit: 0,
  },
  {
    id: 'failed-critical',
    title: 'Share of the critical lane that failed at first',
    kind: 'bound',
    outcome: 'held',
    measured: '0.66 %',
    allowed: 'at most 2 %',
    value: 0.0066,
    limit: 0.02,
  },
  {
    id: 'p99-critical',
    title: '99th percentile of the critical lane',
    kind: 'bound',
    outcome: 'held',
    measured: '2.31 s',
    allowed: 'at most 3 s',
    value: 2.31,
    limit: 3,
  },
  ...['GatewayErrorsHigh', 'GatewayDown'].map((alert): Assertion => ({
    id: `silent-${alert}`,
    title: `${alert} stayed silent`,
    kind: 'silent',
    outcome: 'held',
    measured: 'silent',
    allowed: 'silent',
  })),
  {
    id: 'guard-idle',
    title: 'The guard left the release alone',
    kind: 'guard',
    outcome: 'skipped',
    measured: 'not seen',
    allowed: 'no restore',
    reason: 'there is no guard on this machine',
  },
  {
    id: 'reverted',
    title: 'The fault was taken back',
    kind: 'reverted',
    outcome: 'held',
    measured: '0.3 s',
    allowed: '10 s',
    value: 0.3,
    limit: 10,
  },
];

const BROKEN: Readonly<Record<string, Assertion>> = {
  'breaker-opens': broken('breaker-opens', LINKS[0]?.title ?? '', 'link', 'never', '30 s'),
  'latency-told': broken('latency-told', LINKS[1]?.title ?? '', 'link', '104.5 s', '90 s', 104.5, 90),
  'breaker-closes': {
    ...broken('breaker-closes', LINKS[2]?.title ?? '', 'link', 'never opened', '30 s'),
    outcome: 'skipped',
    reason: 'the breaker never opened',
  },
  'lost-critical': broken(
    'lost-critical',
    'Requests of the critical lane that were lost',
    'bound',
    '318 of 9,214',
    'at most 0',
    318,
    0,
  ),
  'p99-critical': broken(
    'p99-critical',
    '99th percentile of the critical lane',
    'bound',
    '11.9 s',
    'at most 3 s',
    11.9,
    3,
  ),
};

function broken(
  id: string,
  title: string,
  kind: Assertion['kind'],
  measured: string,
  allowed: string,
  value?: number,
  limit?: number,
): Assertion {
  return {
    id,
    title,
    kind,
    outcome: 'broke',
    measured,
    allowed,
    ...(value !== undefined && { value }),
    ...(limit !== undefined && { limit }),
  };
}

function skippedFor({ id, title, kind, allowed }: Assertion, reason: string): Assertion {
  return { id, title, kind, outcome: 'skipped', measured: 'not measured', allowed, reason };
}

function linkAssertion({ id, title, from, due, at }: TimelineEntry): Assertion {
  const limit = (due - from) / 1000;
  const value = at === undefined ? undefined : (at - from) / 1000;
  return {
    id,
    title,
    kind: 'link',
    outcome: value !== undefined && value <= limit ? 'held' : 'broke',
    measured: value === undefined ? 'never' : `${value} s`,
    allowed: `${limit} s`,
    limit,
    ...(value !== undefined && { value }),
  };
}

/** A point a second, as a drill samples them, the same on every call; without a breaker requests wait and fail. */
function seriesOf(
  startedAt: number,
  injectedAt: number,
  revertedAt: number,
  endedAt: number,
  breaks: boolean,
): readonly Series[] {
  const over = (value: (at: number, noise: number) => number | null): Series['points'] =>
    Array.from({ length: Math.floor((endedAt - startedAt) / 1000) + 1 }, (_, index) => {
      const at = startedAt + index * 1000;
      return [at, value(at, Math.sin(index * 1.7) * 0.5 + Math.sin(index * 0.61) * 0.5)];
    });
  const until = (seconds: number) => (breaks ? injectedAt + seconds * 1000 : revertedAt);
  const during = (at: number) => at >= injectedAt && at < revertedAt;
  const slow = breaks ? 2.1 : 9.6;
  return [
    { id: 'requests', title: 'sent', unit: 'per-second', points: over((_, noise) => 42 + noise * 3) },
    {
      id: 'failed',
      title: 'failed at first',
      unit: 'per-second',
      points: over((at, noise) => (during(at) && at < until(12) ? 7 + noise * 4 : 0)),
    },
    {
      id: 'p99',
      title: '99th percentile',
      unit: 'seconds',
      points: over((at, noise) => (during(at) ? slow + noise * slow * 0.1 : 0.032 + noise * 0.01)),
    },
    {
      id: 'p50',
      title: 'median',
      unit: 'seconds',
      points: over((at, noise) => (during(at) ? slow / 5 + noise * 0.1 : 0.012 + noise * 0.004)),
    },
    ...['upstream-critical', 'upstream-background', 'payment', 'postgres', 'redis', 'redis-cache'].map(
      (breaker): Series => ({
        id: `breaker-${breaker}`,
        title: breaker,
        unit: 'count',
        points: over((at) =>
          breaks && breaker === 'upstream-critical' && at >= injectedAt + 4200 && at < revertedAt + 11_800 ? 2 : 0,
        ),
      }),
    ),
    ...['GatewayLatencyHigh', 'GatewayErrorsHigh', 'GatewayDown'].map((alert): Series => ({
      id: `alert-${alert}`,
      title: alert,
      unit: 'count',
      points: over((at) =>
        alert === 'GatewayLatencyHigh' && at >= injectedAt + (breaks ? 61_400 : 104_500) && at < revertedAt + 74_600
          ? 1
          : 0,
      ),
    })),
  ];
}
