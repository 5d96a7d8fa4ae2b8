import { describe, expect, test } from '@jest/globals';
import type { Experiment } from '../../../../chaos/experiment.ts';
import { assertion, brokenOf, drill } from '../drilled.ts';
import { anExperiment } from '../experiments.ts';
import { FINE, problem, type Script } from '../simulated-stand.ts';

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

  test('that no request was about break, however few may be lost', async () => {
    const { run } = await drill({}, bounded([{ kind: 'lost', lane: 'critical', atMost: 0 }], { 'search-hit': '1/h' }));
    expect(brokenOf(run)).toEqual(['lost-critical']);
    expect(assertion(run, 'lost-critical')?.measured).toBe('nothing was answered that it is about');
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
