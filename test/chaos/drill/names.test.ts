import { expect, test } from '@jest/globals';
import { assertionIds, boundIds, chainOf } from '../../../chaos/drill/names.ts';
import { anExperiment } from './experiments.ts';

test('bounds are called by kind and lane, and by the first kind of request where they are about some alone', () => {
  expect(
    boundIds([
      { kind: 'lost', lane: 'critical', atMost: 0 },
      { kind: 'p99', lane: 'critical', atMost: '1s', asks: ['search-hit', 'session'] },
      { kind: 'p99', lane: 'critical', atMost: '5s', asks: ['search-miss'] },
      { kind: 'fetches', atMost: 1 },
    ]),
  ).toEqual(['lost-critical', 'p99-critical-search-hit', 'p99-critical-search-miss', 'fetches']);
});

test('the return to the steady state is asserted where the row leaves it out, and once where it does not', () => {
  expect(chainOf(anExperiment()).at(-1)).toMatchObject({ id: 'steady-after', from: 'revert', within: '5m' });
  const own = { id: 'calm', from: 'revert', within: '1m', expect: { kind: 'steady' } } as const;
  expect(chainOf(anExperiment({ chain: [own] }))).toEqual([own]);
});

test('what a run asserts can be known before it', () => {
  expect(assertionIds(anExperiment())).toEqual([
    'steady-before',
    'breaker-opens',
    'breaker-told',
    'breaker-closes',
    'breaker-resolved',
    'steady-after',
    'lost-critical',
    'silent-GatewayDown',
    'guard-idle',
    'reverted',
  ]);
});
