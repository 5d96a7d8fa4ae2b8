import { describe, expect, test } from '@jest/globals';
import { ALERTS } from '../../alerts/index.ts';
import { assertionIds } from '../../chaos/drill/names.ts';
import { EXPERIMENTS, tripsOf } from '../../chaos/index.ts';
import { definition, toMilliseconds, withValues } from '../../service/definition/index.ts';
import { METRICS } from '../../service/telemetry/catalogue.ts';

test('every alert that names an experiment is tripped by it', () => {
  const claims = ALERTS.flatMap((alert) => ('experiment' in alert ? [[alert.experiment, alert.id] as const] : []));
  expect(claims.length).toBeGreaterThan(8);
  for (const [id, alert] of claims) {
    const row = EXPERIMENTS.find((experiment) => experiment.id === id);
    expect(row && tripsOf(row)).toContain(alert);
  }
});

test('every alert that an experiment trips names one that does', () => {
  const tripped = new Set(EXPERIMENTS.flatMap((experiment) => tripsOf(experiment)));
  for (const id of tripped) expect(ALERTS.find((alert) => alert.id === id)).toHaveProperty('experiment');
});

test('no two experiments share a name', () => {
  expect(new Set(EXPERIMENTS.map(({ id }) => id)).size).toBe(EXPERIMENTS.length);
});

test('a laptop can do twelve of them and more, and any cluster seven and more', () => {
  expect(EXPERIMENTS.filter(({ means }) => means.local).length).toBeGreaterThanOrEqual(12);
  expect(EXPERIMENTS.filter(({ means }) => means.kubernetes).length).toBeGreaterThanOrEqual(7);
});

describe.each(EXPERIMENTS.map((experiment) => [experiment.id, experiment] as const))('%s', (_, experiment) => {
  const { chain, duration, least, mustNotTrip, protection, means, load } = experiment;

  test('can be done by something, under some load, in a time that has room for what must happen', () => {
    expect(Object.keys(means).length).toBeGreaterThan(0);
    expect(Object.keys(load).length).toBeGreaterThan(0);
    expect(toMilliseconds(least)).toBeLessThanOrEqual(toMilliseconds(duration));
    for (const { from, within } of chain)
      if (from === 'fault') expect(toMilliseconds(within)).toBeLessThanOrEqual(toMilliseconds(duration));
  });

  test('ends where it began', () => {
    expect(chain.at(-1)).toMatchObject({ from: 'revert', expect: { kind: 'steady' } });
  });

  test('gives the steady state, in which no alert fires, as long as each of its alerts', () => {
    const steady = toMilliseconds(chain.at(-1)?.within ?? '0s');
    for (const {
      from,
      within,
      expect: { kind },
    } of chain)
      if (from === 'revert' && kind === 'alert') expect(toMilliseconds(within)).toBeLessThanOrEqual(steady);
  });

  test('asks no alert to fire and to stay silent', () => {
    expect(tripsOf(experiment).filter((alert) => mustNotTrip.includes(alert))).toEqual([]);
    expect(new Set(mustNotTrip).size).toBe(mustNotTrip.length);
  });

  test('counts metrics that exist', () => {
    const names: readonly string[] = Object.values(METRICS).map(({ name }) => name);
    for (const { expect: expected } of chain) if (expected.kind === 'counted') expect(names).toContain(expected.metric);
  });

  test('names what breaks without what it rehearses, and values that switch that off', () => {
    expect(protection.breaks.length).toBeGreaterThan(0);
    const known = assertionIds(experiment);
    for (const id of protection.breaks) expect(known).toContain(id);
    expect(() => withValues(definition.dev, [...(experiment.localValues ?? []), ...protection.without])).not.toThrow();
  });
});
