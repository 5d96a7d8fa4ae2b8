import { describe, expect, test } from '@jest/globals';
import { ALERTS, alertsOf, ruleGroups } from '../../alerts/index.ts';
import { definition, toSeconds, withValues } from '../../service/definition/index.ts';
import { LATENCY_BUCKETS, MODEL_ROUTES, PROBE_ROUTES } from '../../service/telemetry/catalogue.ts';
import { promqlErrors } from './promql.ts';
import { alertingRules, recordingRules } from './rules.ts';
import { runTool, testWith } from './tools.ts';

describe.each(Object.entries(definition))('the rules of %s', (_, service) => {
  testWith('promtool', 'are accepted by promtool', () => {
    const { status, output } = runTool('promtool', ['check', 'rules', 'rules.yaml'], {
      'rules.yaml': ruleGroups(service),
    });
    const rules = alertsOf(service).length + recordingRules(service).length;
    expect(output).toContain(`SUCCESS: ${rules} rules found`);
    expect(status).toBe(0);
  });

  test('look at this namespace alone', () => {
    for (const { expr } of ruleGroups(service).groups.flatMap(({ rules }) => rules)) {
      const selectors = expr.match(/\{[^}]*\}/g) ?? [];
      // A number looks at nothing.
      expect(selectors.length).toBeGreaterThanOrEqual(/^vector\([\d.]+\)$/.test(expr) ? 0 : 1);
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
    alertingRules(withValues(definition.prod, settings)).map(({ alert }) => alert);
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
    'slo.cacheHits=90%',
    'slo.availability=99%',
    'monitoring.evaluationInterval=0.5m',
  ]);
  const expressionOf = (id: string) => alertingRules(changed).find(({ alert }) => alert === id)?.expr;
  expect(expressionOf('GatewayErrorsHigh')).toContain(' > 0.02 ');
  expect(expressionOf('AvailabilityBurnSlow')).toContain(' / 0.01 > ');
  expect(expressionOf('CacheHitsBurnSlow')).toContain(' / 0.1 > ');
  const recorded = recordingRules(changed).filter(({ labels }) => labels.slo === 'latency');
  expect(recorded.map(({ expr }) => expr).join()).toContain('le="0.3"');
  expect(ruleGroups(changed).groups.find(({ name }) => name === 'sluice-objectives')?.interval).toBe('30s');
});

test.each([
  ['slo.errors=5%', 'slo.availability=95%', 'slo.cacheHits=99.9%'],
  ['slo.errors=0.001%', 'slo.availability=99.999%', 'slo.cacheHits=1%', 'slo.window=28d'],
])('the largest and the smallest budgets leave every alert something that can be true: %s, %s, %s', (...settings) => {
  const service = withValues(definition.prod, settings);
  for (const { alert, expr } of alertingRules(service)) expect([alert, promqlErrors(expr)]).toEqual([alert, []]);
  const burns = alertingRules(service).filter(({ alert }) => alert.includes('Burn'));
  const paces = burns.flatMap(({ expr }) => [...expr.matchAll(/ \/ ([\d.e-]+) > ([\d.]+) and /g)]);
  expect(paces.length).toBeGreaterThan(0);
  for (const [, budget, pace] of paces) expect(Number(budget) * Number(pace)).toBeLessThan(1);
});

test('an autoscaler that has no room by its definition is at its maximum for no reason', () => {
  const names = (...settings: string[]) =>
    alertingRules(withValues(definition.prod, settings)).map(({ alert }) => alert);
  expect(names()).toContain('AutoscalerAtMax');
  expect(names('scaling.min=6', 'scaling.max=6')).not.toContain('AutoscalerAtMax');
});

test('a budget for another time is gone at other paces', () => {
  const paces = (window: string) => {
    const rules = alertingRules(withValues(definition.prod, [`slo.window=${window}`]));
    const burns = rules.filter(({ alert }) => alert.startsWith('ErrorsBurn'));
    return burns.flatMap(({ expr }) => [...expr.matchAll(/ > ([\d.]+) and /g)].map(([, pace]) => Number(pace)));
  };
  expect(new Set(paces('30d'))).toEqual(new Set([14.4, 6, 3, 1]));
  expect(Math.max(...paces('28d'))).toBeCloseTo(13.44);
});

test('a release is judged where the guard runs, by what the definition says, as often as its deadline counts on', () => {
  const groups = (settings: string[]) => ruleGroups(withValues(definition.prod, settings)).groups;
  const release = groups([
    'release.guard.mode=act',
    'release.errors=3%',
    'release.latency=500ms',
    'release.minimumSample=50',
    'release.window=40s',
  ]).find(({ name }) => name === 'sluice-release');
  expect(groups(['release.guard.mode=off']).find(({ name }) => name === 'sluice-release')).toBeUndefined();
  expect(release).toMatchObject({ interval: '5s' });
  const text = JSON.stringify(release?.rules).replaceAll('\\"', '"');
  for (const part of ['> 0.03 ', 'le="0.5"', '>= 50', '[40s]', '"for":"10s"']) expect(text).toContain(part);
  expect(text).toContain('sum by (namespace, pod_template_hash)');
});

test.each([
  ['slo.errors=50%', 'a percentage from 0.001% to 5%'],
  ['slo.availability=100%', 'a percentage from 95% to 99.999%'],
  ['slo.cacheHits=0%', 'a percentage from 1% to 99.9%'],
  ['slo.window=7d', "'28d' or '30d'"],
  ['monitoring.dashboardUrl=grafana', 'a URL'],
  ['monitoring.runbookUrl=book#top', "without '#'"],
])('%s is refused with what would be right', (setting, right) => {
  expect(() => withValues(definition.prod, [setting])).toThrow(right);
});
