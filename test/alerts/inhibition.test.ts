import { describe, expect, test } from '@jest/globals';
import { ALERTS, INHIBITIONS, type Alert, type LabelMatcher } from '../../alerts/index.ts';
import { checkQuery } from '../../infra/invariants/query/check-query.ts';
import { boundedLabels } from '../../infra/invariants/query/bounded-labels.ts';
import { definition } from '../../service/definition/index.ts';

const service = definition.prod;
const alerts: readonly Alert[] = ALERTS;

/** The alerts that matchers name. */
function named(matchers: readonly LabelMatcher[]): readonly Alert[] {
  const names = matchers.find(({ label }) => label === 'alertname')?.value.split('|') ?? [];
  return alerts.filter(({ id }) => names.includes(id));
}

/** The labels that an alert has when it fires. */
function labelsOf({ expression }: Alert): ReadonlySet<string> {
  return new Set([...(checkQuery(expression(service)).labels ?? []), 'namespace']);
}

describe.each(INHIBITIONS.map((row) => [row.why, row] as const))('%s:', (_, { source, target, equal }) => {
  test('cause and symptoms are alerts, and each has the labels that they must agree in', () => {
    expect(named(source)).toHaveLength(1);
    expect(named(target)).not.toHaveLength(0);
    for (const alert of [...named(source), ...named(target)])
      expect([...labelsOf(alert)]).toEqual(expect.arrayContaining([...equal]));
  });

  test('other labels that are asked for are there, with values that they have', () => {
    const bounded = boundedLabels(service);
    const known = new Set([...bounded.values()].flatMap((labels) => Object.values(labels).flatMap((all) => [...all])));
    for (const [matchers, alert] of [source, target].flatMap((side) =>
      named(side).map((each) => [side, each] as const),
    )) {
      for (const { label, value } of matchers.filter((matcher) => matcher.label !== 'alertname')) {
        expect(labelsOf(alert)).toContain(label);
        expect(known).toContain(value);
      }
    }
  });

  test('neither what the guard waits for nor the heartbeat is silenced', () => {
    expect(named(target).map(({ severity }) => severity)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(release|none)$/)]),
    );
  });

  test('nobody is left asleep: a page is silenced by a page alone', () => {
    if (named(target).some(({ severity }) => severity === 'page'))
      expect(named(source).map(({ severity }) => severity)).toEqual(['page']);
  });
});

test('an exporter that is away silences nothing that another one tells', () => {
  const rows = INHIBITIONS.filter(({ source }) => named(source).some(({ id }) => id === 'ExporterDown'));

  expect(rows.filter(({ equal }) => !equal.includes('job'))).toEqual([]);
});

test('no two alerts silence each other', () => {
  const pairs = INHIBITIONS.flatMap(({ source, target }) =>
    named(source).flatMap(({ id: cause }) => named(target).map(({ id: symptom }) => `${cause} ${symptom}`)),
  );
  expect(pairs.filter((pair) => pairs.includes(pair.split(' ').reverse().join(' ')))).toEqual([]);
});

test('the fast burn of a budget silences what else tells of the same budget', () => {
  for (const [fast, ...others] of [
    ['ErrorsBurnFast', 'ErrorsBurnSlow', 'GatewayErrorsHigh'],
    ['LatencyBurnFast', 'LatencyBurnSlow', 'GatewayLatencyHigh'],
    ['AvailabilityBurnFast', 'AvailabilityBurnSlow'],
  ]) {
    const row = INHIBITIONS.find(({ source }) => source[0]?.value === fast);
    expect(row?.target[0]?.value.split('|')).toEqual(expect.arrayContaining(others));
    expect(row?.equal).toEqual(['namespace', 'slo']);
  }
});
