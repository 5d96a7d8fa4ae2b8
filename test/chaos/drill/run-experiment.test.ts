import { describe, expect, test } from '@jest/globals';
import { QUICK } from '../../../chaos/drill/pace.ts';
import type { Experiment } from '../../../chaos/experiment.ts';
import type { Duration } from '../../../service/definition/index.ts';
import { assertion, brokenOf, drill } from './drilled.ts';
import { anExperiment, PROTECTED } from './experiments.ts';
import { FINE, problem, type Script } from './simulated-stand.ts';

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
    expect(run.series.find(({ id }) => id === 'breaker-upstream-critical')?.points.map(([, value]) => value)).toContain(
      1,
    );
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
