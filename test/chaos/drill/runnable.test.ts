import { expect, test } from '@jest/globals';
import { QUICK } from '../../../chaos/drill/pace.ts';
import { DrillRefusedError } from '../../../chaos/drill/refusal.ts';
import { requireRunnable } from '../../../chaos/drill/runnable.ts';
import type { Experiment, Link } from '../../../chaos/experiment.ts';
import { definition } from '../../../service/definition/index.ts';
import { anExperiment } from './experiments.ts';

const [opens, told, closes] = anExperiment().chain as [Link, Link, Link];

function refusalOf(changes: Partial<Experiment>): DrillRefusedError {
  try {
    requireRunnable(anExperiment(changes), definition.staging, QUICK);
  } catch (error) {
    expect(error).toBeInstanceOf(DrillRefusedError);
    return error as DrillRefusedError;
  }
  throw new Error('nothing was refused');
}

test('an experiment that contradicts nothing is let through', () => {
  expect(() => requireRunnable(anExperiment(), definition.staging, QUICK)).not.toThrow();
});

test.each<[string, Partial<Experiment>, string, string]>([
  ['in an environment that lacks what it needs', { fits: () => false }, 'does-not-fit', 'staging does not run'],
  ['with one id for two links', { chain: [opens, { ...closes, id: opens.id }] }, 'duplicate-id', "'breaker-opens'"],
  ['with an id that the engine uses', { chain: [opens, { ...told, id: 'reverted' }] }, 'duplicate-id', "'reverted'"],
  [
    'with less time for an alert than its detection takes',
    { chain: [opens, { ...told, within: '2m' }] },
    'deadline-too-short',
    'link breaker-told has 2m, and detection of BreakerOpen takes 135s',
  ],
  [
    'with less time than it takes to look once',
    { chain: [{ ...opens, within: '100ms' }] },
    'deadline-too-short',
    'to look once takes 250ms',
  ],
  [
    'whose fault is over before a link must have happened',
    { duration: '3m' },
    'duration-too-short',
    'breaker-told has 200s',
  ],
  ['whose fault lasts longer than it lasts', { least: '6m' }, 'least-too-long', 'least is 6m and duration 5m'],
  [
    'that breaks what nothing asserts',
    { protection: { name: 'x', without: [], breaks: ['p99-critical'] } },
    'unknown-break',
    "'p99-critical', which nothing asserts",
  ],
  [
    'that counts a metric which is none',
    { chain: [opens, { ...told, expect: { kind: 'counted', metric: 'gateway_nothing_total', atLeast: 1 } }] },
    'unknown-metric',
    "'gateway_nothing_total'",
  ],
  [
    'that waits for a breaker which is none',
    { chain: [{ ...opens, expect: { kind: 'breaker', breaker: 'upstream', state: 'open' } }] },
    'unknown-breaker',
    'there are upstream-critical',
  ],
  [
    'with a bound on what it never asks for',
    { bounds: [{ kind: 'lost', lane: 'critical', atMost: 0, asks: ['order'] }] },
    'unmeasured-bound',
    'lost-critical-order is about order',
  ],
  [
    'with a bound on amplification and nothing that reaches the upstream',
    { load: { 'search-hit': '5/s' }, bounds: [{ kind: 'amplification', atMost: 1 }] },
    'unmeasured-bound',
    'such as search-miss',
  ],
  [
    'that cannot tell fetches from other requests',
    { load: { 'search-same': '5/s', 'search-miss': '1/s' }, bounds: [{ kind: 'fetches', atMost: 1 }] },
    'unmeasured-bound',
    'cannot tell fetches from search-miss',
  ],
])('an experiment %s is refused', (_what, changes, code, words) => {
  const error = refusalOf(changes);
  expect(error.refusals.map((each) => each.code)).toContain(code);
  expect(error.message).toContain(words);
  expect(error.message).toMatch(/^experiment upstream-erroring: /);
});

test('everything that is wrong is told at once', () => {
  const { refusals, message } = refusalOf({ least: '6m', duration: '3m' });
  expect(refusals.map(({ code }) => code)).toEqual(['duration-too-short', 'least-too-long']);
  expect(message.split('\n')).toHaveLength(2);
});
