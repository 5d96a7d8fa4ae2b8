import { describe, expect, test } from '@jest/globals';
import { ALERTS, alertsOf, ruleGroups } from '../../alerts/index.ts';
import { definition, toSeconds, withValues } from '../../service/definition/index.ts';
import { LATENCY_BUCKETS, MODEL_ROUTES, PROBE_ROUTES } from '../../service/telemetry/catalogue.ts';
import { runTool, testWith } from './tools.ts';

describe.each(Object.entries(definition))('the rules of %s', (_, service) => {
  testWith('promtool', 'are accepted by promtool', () => {
    const { status, output } = runTool('promtool', ['check', 'rules', 'rules.yaml'], {
      'rules.yaml': ruleGroups(service),
    });
    expect(output).toContain(`SUCCESS: ${alertsOf(service).length} rules found`);
    expect(status).toBe(0);
  });

  test('look at this namespace alone', () => {
    for (const { expr } of ruleGroups(service).groups.flatMap(({ rules }) => rules)) {
      const selectors = expr.match(/\{[^}]*\}/g) ?? [];
      expect(selectors).not.toHaveLength(0);
      for (const selector of selectors) expect(selector).toContain(`namespace="${service.namespace}"`);
    }
  });

  test('compare latency at the edge of a bucket, where nothing is interpolated', () => {
    expect(LATENCY_BUCKETS).toContain(toSeconds(service.slo.latency));
  });

  test('leave out routes that exist', () => {
    expect(Object.keys(service.routes)).toEqual(expect.arrayContaining([...PROBE_ROUTES, ...MODEL_ROUTES]));
  });
});

describe('an alert', () => {
  test('has a name of its own, in PascalCase', () => {
    const ids = ALERTS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^([A-Z][a-z]+)+$/);
  });

  test('has a summary without values and a description with them', () => {
    for (const { summary, description } of ALERTS) {
      expect(summary).not.toContain('{{');
      expect(description).toContain('{{');
    }
  });
});

test('alerts on a store are left out where others run it, and nothing tells of it', () => {
  const names = (...settings: string[]) =>
    ruleGroups(withValues(definition.prod, settings)).groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
  const external = names('stores.redis.kind=external');
  expect(names()).toEqual(expect.arrayContaining(['RedisDown', 'PostgresDown', 'ExporterDown']));
  expect(external.filter((name) => name.startsWith('Redis'))).toEqual([]);
  expect(external).toEqual(expect.arrayContaining(['PostgresDown', 'ExporterDown']));
  const none = names('stores.redis.kind=external', 'datastores.postgres.kind=external');
  expect(none.filter((name) => /^(Redis|PostgresDown|Exporter)/.test(name))).toEqual([]);
});

test('the objectives of the definition are the thresholds of the rules', () => {
  const changed = withValues(definition.prod, [
    'slo.errors=2%',
    'slo.latency=300ms',
    'monitoring.evaluationInterval=0.5m',
  ]);
  const [group] = ruleGroups(changed).groups;
  const expressionOf = (id: string): string | undefined => group?.rules.find(({ alert }) => alert === id)?.expr;
  expect(expressionOf('GatewayErrorsHigh')).toContain(' > 0.02 ');
  expect(expressionOf('GatewayLatencyHigh')).toContain(' > 0.3 ');
  expect(group?.interval).toBe('30s');
});
