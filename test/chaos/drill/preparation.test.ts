import { describe, expect, test } from '@jest/globals';
import { drill, refusalOf } from './drilled.ts';
import { PROTECTED } from './experiments.ts';
import { FINE, problem, type Script } from './simulated-stand.ts';

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
