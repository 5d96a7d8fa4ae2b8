import { describe, expect, test } from '@jest/globals';
import { assertion, brokenOf, drill } from './drilled.ts';
import { PROTECTED } from './experiments.ts';
import { FINE, problem, type Script } from './simulated-stand.ts';

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
