import { describe, expect, test } from '@jest/globals';
import type { DrillEvent } from '../../../chaos/drill/events.ts';
import { FULL, QUICK } from '../../../chaos/drill/pace.ts';
import { DrillRefusedError } from '../../../chaos/drill/refusal.ts';
import { runExperiment, type RunOptions } from '../../../chaos/drill/run-experiment.ts';
import type { Experiment } from '../../../chaos/experiment.ts';
import type { Assertion, Run } from '../../../chaos/report/run.ts';
import type { Duration } from '../../../service/definition/index.ts';
import { anExperiment, PROTECTED } from './experiments.ts';
import { FINE, problem, simulatedStand, type Script, type SimulatedStand } from './simulated-stand.ts';
import { createVirtualClock } from './virtual-clock.ts';

type Drilled = { readonly run: Run; readonly stand: SimulatedStand; readonly events: readonly DrillEvent[] };

/** Runs an experiment on a stand that does as a script says. */
async function drill(
  script: Script,
  changes: Partial<Experiment> = {},
  options: Partial<RunOptions> = {},
): Promise<Drilled> {
  const { stand, events, running } = begin(script, changes, options);
  return { run: await running, stand, events };
}

function begin(script: Script, changes: Partial<Experiment> = {}, options: Partial<RunOptions> = {}) {
  const clock = createVirtualClock();
  const stand = simulatedStand(clock, script);
  const events: DrillEvent[] = [];
  const { transport } = stand;
  const onEvent = (event: DrillEvent): void => void events.push(event);
  const base = { experiment: anExperiment(changes), stand, pace: FULL, seed: 1, clock, transport, onEvent };
  const running = clock.run(runExperiment({ ...base, ...options }));
  return { clock, stand, events, running };
}

async function refusalOf(
  script: Script,
  changes: Partial<Experiment> = {},
): Promise<[DrillRefusedError, readonly string[]]> {
  const { stand, running } = begin(script, changes);
  const error = await running.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DrillRefusedError);
  return [error as DrillRefusedError, stand.done];
}

const assertion = ({ assertions }: Run, id: string): Assertion | undefined => assertions.find((each) => each.id === id);
const brokenOf = ({ assertions }: Run): string[] =>
  assertions.flatMap(({ id, outcome }) => (outcome === 'broke' ? id : []));

describe('a system that does as the experiment believes', () => {
  test('passes, with what was measured beside what was allowed', async () => {
    const { run, stand } = await drill(PROTECTED);
    expect(run).toMatchObject({ verdict: 'passed', experiment: 'upstream-erroring', means: 'local', pace: 'full' });
    expect(run.id).toMatch(/^upstream-erroring-20260102T0304\d\dZ$/);
    expect(run.reason).toContain('The hypothesis held');
    expect(run.assertions.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['steady-before', 'held'],
      ['breaker-opens', 'held'],
      ['breaker-told', 'held'],
      ['breaker-closes', 'held'],
      ['breaker-resolved', 'held'],
      ['steady-after', 'held'],
      ['lost-critical', 'held'],
      ['silent-GatewayDown', 'held'],
      ['guard-idle', 'held'],
      ['reverted', 'held'],
    ]);
    const opens = assertion(run, 'breaker-opens');
    expect(opens).toMatchObject({ allowed: 'within 10.0 s', limit: 10 });
    expect(opens?.value).toBeGreaterThan(2);
    expect(opens?.value).toBeLessThan(3);
    expect(stand.done).toEqual(['inject 330000', 'revert']);
  });

  test('has its fault taken back as soon as every link from the fault has happened, and not before the least time', async () => {
    const { run } = await drill(PROTECTED);
    const [, fault] = run.phases;
    expect((fault?.to ?? 0) - (fault?.from ?? 0)).toBeLessThan(155_000);
    const early = await drill(
      { ...PROTECTED, alerts: () => ['Watchdog'] },
      { chain: anExperiment().chain.slice(0, 1) },
    );
    const [, least] = early.run.phases;
    expect((least?.to ?? 0) - (least?.from ?? 0)).toBeGreaterThanOrEqual(30_000);
    expect((least?.to ?? 0) - (least?.from ?? 0)).toBeLessThan(31_000);
  });

  test('leaves what was met by lane, a point a second, and the command that does it again', async () => {
    const { run } = await drill(PROTECTED, {}, { pace: QUICK, seed: 7 });
    const seconds = Math.floor((run.endedAt - (run.phases[0]?.from ?? 0)) / 1000);
    expect(run.lanes.map(({ lane, lost }) => [lane, lost])).toEqual([
      ['background', 0],
      ['critical', 0],
    ]);
    const [background, critical] = run.lanes;
    expect(critical?.sent).toBeGreaterThanOrEqual(6 * (seconds - 2));
    expect(background?.sent).toBeLessThanOrEqual(seconds + 1);
    const sent = run.series.find(({ id }) => id === 'requests-critical');
    expect(sent?.points.length).toBeGreaterThanOrEqual(seconds - 1);
    expect(run.series.find(({ id }) => id === 'open-breakers')?.points.map(([, value]) => value)).toContain(1);
    expect(run.repeat).toBe('npx sluice drill --experiment upstream-erroring --quick --seed 7');
    expect(run.budget).toEqual({
      allowed: 0.001,
      bad: 0,
      requests: (critical?.sent ?? 0) + (background?.sent ?? 0),
      used: 0,
    });
  });

  test('tells each step, link and assertion, and ends with the run', async () => {
    const { run, events } = await drill(PROTECTED);
    expect(events.flatMap((event) => (event.kind === 'step' ? event.step : []))).toEqual([
      'leftovers',
      'steady-state',
      'before',
      'fault',
      'revert',
      'after',
      'verdict',
    ]);
    const happened = events.flatMap((event) => (event.kind === 'happened' ? event.entry.id : []));
    expect(happened).toEqual(
      expect.arrayContaining(['breaker-opens', 'breaker-told', 'breaker-closes', 'steady-after']),
    );
    expect(events.at(-1)).toMatchObject({ kind: 'ended', run });
  });

  test('passes although whoever is told breaks', async () => {
    const { run } = await drill(
      PROTECTED,
      {},
      {
        onEvent: () => {
          throw new Error('no terminal');
        },
      },
    );
    expect(run.verdict).toBe('passed');
  });
});

describe('a system that does not', () => {
  test('fails where a breaker stays closed, and says for how long it was looked at', async () => {
    const { run } = await drill({ ...PROTECTED, breakers: () => ({}) });
    expect(run.verdict).toBe('failed');
    expect(brokenOf(run)).toEqual(['breaker-opens']);
    expect(run.reason).toContain('breaker-opens (not within 300.0 s, allowed: within 10.0 s)');
  });

  test('fails where a link comes late, with the time it really took', async () => {
    const { run, events } = await drill({
      ...PROTECTED,
      breakers: ({ fault = 0 }) => ({ 'upstream-critical': fault > 41 ? 1 : 0 }),
    });
    expect(brokenOf(run)).toEqual(['breaker-opens']);
    expect(assertion(run, 'breaker-opens')?.measured).toMatch(/^41\.\d s$/);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'missed' }));
    const entry = run.timeline.find(({ id }) => id === 'breaker-opens');
    expect(entry?.at).toBeGreaterThan(entry?.due ?? Infinity);
  });

  test('fails where the steady state does not come back', async () => {
    const query: Script['query'] = (_promql, { after }) => (after === undefined ? [] : [{ labels: {}, value: 3 }]);
    const { run } = await drill({ ...PROTECTED, query });
    expect(brokenOf(run)).toEqual(['steady-after']);
  });

  test('fails where what had come back goes away again', async () => {
    const breakers: Script['breakers'] = ({ fault = 0, after = Infinity }) => ({
      'upstream-critical': fault > 2 || after < 4 || (after > 10 && after < 60) ? 1 : 0,
    });
    const { run, events } = await drill({ ...PROTECTED, breakers });
    expect(brokenOf(run)).toContain('breaker-closes');
    expect(events).toContainEqual(expect.objectContaining({ kind: 'undone' }));
  });

  test('fails where requests are lost even after their one retry, and says why they were', async () => {
    const failing = (from: number, to: number): Script => ({
      ...PROTECTED,
      answer: ({ path }, { fault = 0 }) =>
        fault > from && fault < to && path.startsWith('/v1/search')
          ? problem(503, 'upstream-unavailable', { 'retry-after': '1' })
          : FINE,
    });
    const short = await drill(failing(5, 6));
    expect(brokenOf(short.run)).toEqual([]);
    expect(short.run.lanes.find(({ lane }) => lane === 'critical')?.failedOnce).toBeGreaterThan(3);
    const long = await drill(failing(5, 9));
    expect(brokenOf(long.run)).toEqual(['lost-critical']);
    const { measured } = assertion(long.run, 'lost-critical') ?? {};
    expect(measured).toMatch(/^[1-9]\d* of \d+ \(503 upstream-unavailable: \d+\)$/);
  });

  test('fails where an alert fires that must stay silent', async () => {
    const { run } = await drill({
      ...PROTECTED,
      alerts: (now) => [...(PROTECTED.alerts?.(now) ?? []), ...((now.fault ?? 0) > 60 ? ['GatewayDown' as const] : [])],
    });
    expect(brokenOf(run)).toEqual(['silent-GatewayDown']);
    expect(assertion(run, 'silent-GatewayDown')?.measured).toMatch(/^fired 6[01]\.\d s after the fault began$/);
  });

  test('fails where the guard moves a release', async () => {
    const { run } = await drill({
      ...PROTECTED,
      guard: ({ fault = 0 }) => (fault > 20 ? { outcome: 'restored', hash: 'a' } : undefined),
    });
    expect(brokenOf(run)).toEqual(['guard-idle']);
  });

  test('passes where the guard proves a release meanwhile', async () => {
    const { run } = await drill({
      ...PROTECTED,
      guard: ({ fault = 0 }) => (fault > 20 ? { outcome: 'proven', hash: 'a' } : undefined),
    });
    expect(run.verdict).toBe('passed');
  });

  test('fails where the fault cannot be taken back, and says what is left', async () => {
    const { run } = await drill({
      ...PROTECTED,
      onAsked(what) {
        if (what === 'revert') throw new Error('the proxy is gone');
      },
    });
    expect(brokenOf(run)).toContain('reverted');
    expect(assertion(run, 'reverted')?.measured).toBe('the proxy is gone');
  });
});

describe('further links', () => {
  const link = (expect: Experiment['chain'][number]['expect'], within: Duration = '60s'): Partial<Experiment> => ({
    chain: [{ id: 'seen', from: 'fault', within, expect }],
    protection: { name: 'nothing', without: [], breaks: ['seen'] },
    least: '5s',
  });

  test('pods are Ready again when as many are as before, however soon they were seen to be', async () => {
    const pods: Script['pods'] = ({ fault = 0 }) => ({ ready: fault > 1 && fault < 14 ? 1 : 2, wanted: 2 });
    const { run } = await drill({ pods }, link({ kind: 'pods-ready' }));
    expect(run.verdict).toBe('passed');
    expect(assertion(run, 'seen')?.value).toBeGreaterThan(13);
    const gone = await drill(
      { pods: ({ fault }) => ({ ready: fault === undefined ? 2 : 1, wanted: 2 }) },
      link({ kind: 'pods-ready' }),
    );
    expect(brokenOf(gone.run)).toEqual(['seen']);
  });

  test('a metric has grown when its series together have, also over a restart', async () => {
    const value = (fault: number): number => (fault > 3 ? 2 : 90 + fault);
    const query: Script['query'] = (promql, { fault = 0 }) =>
      promql.startsWith('gateway_worker_restarts_total') ? [{ labels: { pod: 'a' }, value: value(fault) }] : [];
    const expectation = { kind: 'counted', metric: 'gateway_worker_restarts_total', atLeast: 4 } as const;
    const { run } = await drill({ query }, link(expectation));
    expect(run.verdict).toBe('passed');
    const { run: less } = await drill({ query }, link({ ...expectation, atLeast: 6 }));
    expect(brokenOf(less)).toEqual(['seen']);
  });

  test('the guard has restored when the watch of a release ended so', async () => {
    const guard: Script['guard'] = ({ fault = 0 }) => (fault > 30 ? { outcome: 'restored', hash: 'a' } : undefined);
    const { run } = await drill({ guard }, { ...link({ kind: 'guard', outcome: 'restored' }), guardIdle: false });
    expect(run.verdict).toBe('passed');
    expect(run.assertions.map(({ id }) => id)).not.toContain('guard-idle');
    const idle = await drill(
      { guard: () => ({ outcome: 'inconclusive', hash: 'a' }) },
      { ...link({ kind: 'guard', outcome: 'restored' }), guardIdle: false },
    );
    expect(brokenOf(idle.run)).toEqual(['seen']);
  });
});

describe('bounds', () => {
  const bounded = (
    bounds: Experiment['bounds'],
    load: Experiment['load'] = anExperiment().load,
  ): Partial<Experiment> => ({
    bounds,
    load,
    chain: [],
    protection: { name: 'nothing', without: [], breaks: [] },
  });

  test('on times are of the requests that were sent while the fault was there', async () => {
    const takes: Script['takes'] = ({ path }, { fault }) => (fault !== undefined && /q=\w+\+/.test(path) ? 2 : 0.01);
    const bounds: Experiment['bounds'] = [
      { kind: 'p99', lane: 'critical', atMost: '1s', asks: ['search-hit'] },
      { kind: 'p99', lane: 'critical', atMost: '1s', asks: ['search-miss'] },
    ];
    const { run } = await drill({ takes }, bounded(bounds));
    expect(brokenOf(run)).toEqual(['p99-critical-search-miss']);
    expect(assertion(run, 'p99-critical-search-miss')).toMatchObject({ value: 2, limit: 1, allowed: 'at most 1s' });
  });

  test('on failures are of the first tries', async () => {
    let n = 0;
    const answer: Script['answer'] = ({ path }, { fault }) =>
      fault !== undefined && path.startsWith('/v1') && n++ % 4 === 0 ? problem(502, 'upstream-failed') : FINE;
    const { run } = await drill({ answer }, bounded([{ kind: 'failed', lane: 'critical', atMost: '10%' }]));
    expect(brokenOf(run)).toEqual(['failed-critical']);
    expect(run.budget.bad).toBeGreaterThan(20);
  });

  test('that nothing was measured of break', async () => {
    const answer: Script['answer'] = (_request, { fault }) => (fault === undefined ? FINE : new Error('ECONNREFUSED'));
    const changes = { ...bounded([{ kind: 'p99', lane: 'critical', atMost: '1s' }]), abortAbove: '100%' } as const;
    const { run } = await drill({ answer }, changes);
    expect(brokenOf(run)).toEqual(['p99-critical']);
  });

  test('on amplification are of what reached the upstream for each try of a client', async () => {
    const upstream: Script['upstream'] = ({ fault = 0 }) => 100 + Math.floor(fault * 6);
    const { run } = await drill({ upstream }, bounded([{ kind: 'amplification', atMost: 2 }]));
    expect(brokenOf(run)).toEqual(['amplification']);
    expect(assertion(run, 'amplification')?.value).toBeCloseTo(3, 0);
    const blind = await drill({ blind: { fetches: 'nobody counts' } }, bounded([{ kind: 'amplification', atMost: 2 }]));
    expect(assertion(blind.run, 'amplification')).toMatchObject({ outcome: 'skipped', reason: 'nobody counts' });
  });

  test('on fetches are of the most that came at once', async () => {
    const once: Script['upstream'] = ({ fault = 0 }) => (fault > 10 ? 2 : fault > 3 ? 1 : 0);
    const load = { 'search-same': '20/s' } as const;
    const { run } = await drill({ upstream: once }, bounded([{ kind: 'fetches', atMost: 1 }], load));
    expect(run.verdict).toBe('passed');
    const { run: many } = await drill(
      { upstream: ({ fault = 0 }) => (fault > 10 ? 2 : 0) },
      bounded([{ kind: 'fetches', atMost: 1 }], load),
    );
    expect(brokenOf(many)).toEqual(['fetches']);
  });
});

describe('the taking back', () => {
  test('is tried again until it works', async () => {
    let tries = 0;
    const { run, events } = await drill({
      ...PROTECTED,
      onAsked(what) {
        if (what === 'revert' && ++tries <= 2) throw new Error('busy');
      },
    });
    expect(tries).toBe(3);
    expect(run.verdict).toBe('passed');
    expect(events.filter(({ kind }) => kind === 'trouble')).toHaveLength(2);
    expect(assertion(run, 'reverted')).toMatchObject({ outcome: 'held' });
  });

  test('happens where the injection fails half-way, and the run counts as broken off', async () => {
    const { run, stand } = await drill({
      ...PROTECTED,
      onAsked(what) {
        if (what === 'inject') throw new Error('no such proxy');
      },
    });
    expect(run).toMatchObject({ verdict: 'aborted' });
    expect(run.fault).toBeUndefined();
    expect(run.reason).toContain('no such proxy');
    expect(stand.done).toEqual(['revert']);
  });
});

describe('breaking off', () => {
  test('takes the fault back at once where too much fails', async () => {
    const answer: Script['answer'] = (_request, { fault = 0 }) => (fault > 5 ? problem(500, 'internal-error') : FINE);
    const { run, stand } = await drill({ ...PROTECTED, answer });
    expect(run.verdict).toBe('aborted');
    expect(run.reason).toMatch(/\d+ of \d+ requests of the critical lane failed within 10 s.*the fault was taken back/);
    const [, fault] = run.phases;
    expect((fault?.to ?? 0) - (fault?.from ?? 0)).toBeLessThan(20_000);
    expect(stand.done.at(-1)).toBe('revert');
    expect(assertion(run, 'breaker-told')).toMatchObject({ outcome: 'skipped' });
  });

  test('goes on where failures stay below what the experiment expects', async () => {
    const answer: Script['answer'] = ({ path }, { fault = 0 }) =>
      fault > 5 && /q=\w+\+/.test(path) ? problem(500, 'internal-error') : FINE;
    const { run } = await drill({ ...PROTECTED, answer });
    expect(run.verdict).toBe('failed');
    expect(brokenOf(run)).toEqual(['lost-critical']);
  });

  test('takes the fault back at once when it is told to stop', async () => {
    const controller = new AbortController();
    const { run, stand } = await drill(
      {
        ...PROTECTED,
        onAsked(_what, { fault = 0 }) {
          if (fault > 12) controller.abort();
        },
      },
      {},
      { signal: controller.signal },
    );
    expect(run.verdict).toBe('aborted');
    expect(run.reason).toContain('it was told to stop; the fault was taken back');
    const [, fault] = run.phases;
    expect((fault?.to ?? 0) - (fault?.from ?? 0)).toBeLessThan(14_000);
    expect(stand.done.at(-1)).toBe('revert');
  });

  test('injects nothing when it is told to stop before', async () => {
    const controller = new AbortController();
    const { run, stand } = await drill(
      { ...PROTECTED, onAsked: () => controller.abort() },
      {},
      { signal: controller.signal },
    );
    expect(run).toMatchObject({ verdict: 'aborted', phases: [{ name: 'before' }] });
    expect(run.reason).toContain('no fault had been injected');
    expect(stand.done).toEqual([]);
  });

  test('happens where the stand dies in the middle, and what may be left is said', async () => {
    let isDead = false;
    const { run } = await drill({
      ...PROTECTED,
      onAsked(_what, { fault = 0 }) {
        isDead ||= fault > 10;
        if (isDead) throw new Error('connect ECONNREFUSED');
      },
    });
    expect(run.verdict).toBe('aborted');
    expect(run.reason).toMatch(/nothing that watches the drill has answered.*may still be there: connect ECONNREFUSED/);
    expect(brokenOf(run)).toContain('reverted');
  });
});

describe('a stand that cannot see', () => {
  test('has what it cannot see skipped with the reason, which the verdict repeats', async () => {
    const reason = 'Prometheus is not installed';
    const { run } = await drill({ ...PROTECTED, blind: { alert: reason, query: reason, guard: 'there is no guard' } });
    expect(run.verdict).toBe('passed');
    for (const id of ['breaker-told', 'breaker-resolved', 'silent-GatewayDown']) {
      expect(assertion(run, id)).toMatchObject({ outcome: 'skipped', reason });
    }
    expect(run.reason).toContain(`Not looked at: alerts that must stay silent, 1 of 1 (${reason}).`);
    expect(run.reason).toContain('Not looked at: guard, 1 of 1 (there is no guard).');
    expect(run.timeline.map(({ id }) => id)).toEqual(['breaker-opens', 'breaker-closes', 'steady-after']);
  });

  test('still fails where something that it sees breaks', async () => {
    const { run } = await drill({ ...PROTECTED, breakers: () => ({}), blind: { alert: 'no Prometheus' } });
    expect(brokenOf(run)).toEqual(['breaker-opens']);
  });
});

describe('what is refused before anything is touched', () => {
  test.each<[string, Script, string]>([
    ['a query counts something', { query: () => [{ labels: {}, value: 2 }] }, 'open breakers: 2'],
    ['an alert fires', { alerts: () => ['Watchdog', 'PostgresDown'] }, 'alert PostgresDown fires'],
    ['a pod is not Ready', { pods: () => ({ ready: 1, wanted: 2 }) }, '1 of 2 pods of the gateway are Ready'],
    ['a breaker is open', { breakers: () => ({ redis: 1 }) }, 'breaker redis is open in 1 workers'],
    ['a path does not answer 200', { answer: () => problem(503, 'draining') }, '/health answers 503'],
    [
      'nothing answers',
      {
        onAsked(what) {
          if (what === 'query') throw new Error('connect ECONNREFUSED');
        },
      },
      'open breakers: connect ECONNREFUSED',
    ],
  ])('a steady state in which %s', async (_what, script, told) => {
    const [error, done] = await refusalOf(script);
    expect(error.code).toBe('steady-state-red');
    expect(error.message).toContain(told);
    expect(done).toEqual([]);
  });

  test('an environment in which an alert of hours past fires is no reason', async () => {
    const { run } = await drill({
      ...PROTECTED,
      alerts: (now) => [...(PROTECTED.alerts?.(now) ?? []), 'ErrorsBurnSlow', 'DrillMissed'],
    });
    expect(run.verdict).toBe('passed');
  });

  test('a load that is not answered as it is', async () => {
    const [error, done] = await refusalOf({
      answer: ({ path }) => (path === '/health' ? FINE : problem(429, 'limit-exceeded')),
    });
    expect(error.code).toBe('load-fails');
    expect(error.message).toContain('429 limit-exceeded');
    expect(done).toEqual([]);
  });

  test('an experiment that the stand has no means for', async () => {
    const [error, done] = await refusalOf({ meansFor: () => ({ skipped: 'Chaos Mesh is not installed' }) });
    expect(error.code).toBe('no-means');
    expect(error.message).toContain('Chaos Mesh is not installed');
    expect(done).toEqual([]);
  });

  test('a row that contradicts itself', async () => {
    const [error, done] = await refusalOf({}, { least: '6m' });
    expect(error.code).toBe('least-too-long');
    expect(done).toEqual([]);
  });
});

describe('what an earlier drill has left', () => {
  test('is taken back, and stands in the report', async () => {
    const { run, stand } = await drill({ ...PROTECTED, leftovers: ['a proxy in front of redis'] });
    expect(run.leftovers).toEqual(['a proxy in front of redis']);
    expect(run.reason).toContain('a proxy in front of redis of an earlier drill was taken back');
    expect(stand.done[0]).toBe('revert');
  });

  test('is a refusal where it stays', async () => {
    const [error, done] = await refusalOf({
      leftovers: ['a proxy in front of redis'],
      onAsked(what) {
        if (what === 'revert') throw new Error('no right to delete it');
      },
    });
    expect(error.code).toBe('leftover-stays');
    expect(error.message).toContain('no right to delete it');
    expect(done).toEqual([]);
  });
});
