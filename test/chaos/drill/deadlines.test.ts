import { expect, test } from '@jest/globals';
import { detectionOf, timingOf } from '../../../chaos/drill/deadlines.ts';
import { FULL, QUICK } from '../../../chaos/drill/pace.ts';
import { definition } from '../../../service/definition/index.ts';
import { anExperiment } from './experiments.ts';

const service = definition.staging;

test('an alert is detected after two scrapes, an evaluation and the time that it has to hold', () => {
  expect(detectionOf('BreakerOpen', 'firing', service, FULL)).toBe(2 * 5_000 + 5_000 + 120_000);
  expect(detectionOf('BreakerOpen', 'firing', service, QUICK)).toBe(2 * 1_000 + 1_000 + 6_000);
});

test('an alert resolves without having to hold anything', () => {
  expect(detectionOf('BreakerOpen', 'resolved', service, FULL)).toBeLessThan(120_000);
});

test('at full pace every time is the one of the row', () => {
  const { within, least, duration, deadline } = timingOf(anExperiment(), service, FULL);
  expect(anExperiment().chain.map(within)).toEqual([10_000, 200_000, 30_000, 120_000]);
  expect([least, duration]).toEqual([30_000, 300_000]);
  expect(deadline).toBeGreaterThan(duration);
});

test('at quick pace alerts are scaled, have their detection and the real time of what they wait for, which stays', () => {
  const { within, least, duration } = timingOf(anExperiment(), service, QUICK);
  expect(anExperiment().chain.map(within)).toEqual([10_000, 10_000 + 19_000, 30_000, expect.any(Number)]);
  expect([least, duration]).toEqual([8_000, 40_000]);
});

test('a quick fault waits for a link whose real time is longer', () => {
  const chain = [{ id: 'back', from: 'fault', within: '70s', expect: { kind: 'pods-ready' } }] as const;
  expect(timingOf(anExperiment({ chain }), service, QUICK).duration).toBe(70_000);
});

test('the steady state has time enough to be looked at also at quick pace', () => {
  const steady = { id: 'steady', from: 'revert', within: '1m', expect: { kind: 'steady' } } as const;
  expect(timingOf(anExperiment({ chain: [steady] }), service, QUICK).within(steady)).toBe(20_000);
  expect(timingOf(anExperiment(), service, QUICK).within(steady)).toBe(30_000 + 20_000);
  expect(timingOf(anExperiment(), service, FULL).within(steady)).toBe(60_000);
});
