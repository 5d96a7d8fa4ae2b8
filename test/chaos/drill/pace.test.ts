import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ruleGroups, type RuleGroups } from '../../../alerts/index.ts';
import { FULL, QUICK, scaleExpression, scaleRules } from '../../../chaos/drill/pace.ts';
import { definition, withValues } from '../../../service/definition/index.ts';

const missing = spawnSync('promtool', ['--version']).error !== undefined;
if (missing) console.warn('skipped: what Prometheus says to faster rules: promtool is not on PATH');

const quick = withValues(
  definition.dev,
  ['scrapeInterval', 'evaluationInterval', 'discoveryInterval'].map((each) => `monitoring.${each}=1s`),
);

describe('an expression at twenty times the pace', () => {
  test.each([
    ['a window', 'rate(x[5m])', 'rate(x[15s])'],
    ['one of several units', 'rate(x[1h30m])', 'rate(x[270s])'],
    ['an offset', 'x offset 10m', 'x offset 30s'],
    ['how far ahead is looked', 'predict_linear(x[6h], 345600) > 1', 'predict_linear(x[18m], 17280) > 1'],
    ['a subquery, and its step as often within it', 'sum_over_time(x[5m:5s]) / 61', 'sum_over_time(x[15s:250ms]) / 61'],
    ['a window too short for four scrapes', 'rate(x[30s])', 'rate(x[4s])'],
    ['the step of one too short', 'max_over_time(x[40s:10s])', 'max_over_time(x[4s:1s])'],
  ])('has %s divided', (_, before, after) => {
    expect(scaleExpression(before, QUICK.factor)).toBe(after);
  });

  test.each([
    ['a threshold in seconds', 'time() - x > 93600'],
    ['a threshold that is written as a time', 'x > 5m'],
    ['what looks like a window in a string', 'x{path="/[5m]", step="offset 5m"}'],
    ['the name of a recording', 'slo:sli_error:ratio_rate5m{slo="errors"} / 0.001 > 14.4'],
  ])('keeps %s', (_, expression) => {
    expect(scaleExpression(expression, QUICK.factor)).toBe(expression);
  });
});

describe('rules at twenty times the pace', () => {
  const before = ruleGroups(quick);
  const after = scaleRules(before, QUICK.factor);
  const rules = ({ groups }: RuleGroups) => groups.flatMap((group) => group.rules);
  const find = (id: string) => rules(after).find((rule) => 'alert' in rule && rule.alert === id);

  test('are the same, of the same names, labels and texts', () => {
    const constant = (groups: RuleGroups): unknown =>
      rules(groups).map((rule) => ({ ...rule, expr: '', for: '', keep_firing_for: '' }));
    expect(constant(after)).toEqual(constant(before));
  });

  test('wait and go on for a twentieth', () => {
    expect(find('GatewayDown')).toMatchObject({ for: '3s', keep_firing_for: '15s' });
    expect(find('GatewayErrorsHigh')).toMatchObject({ for: '15s' });
    expect(find('ReleaseErrorsHigh')).toMatchObject({ for: '500ms' });
    expect(find('Watchdog')).toMatchObject({ for: '0s' });
  });

  test('are evaluated as often as that needs, and not more often than each second', () => {
    expect(after.groups.map(({ name, interval }) => [name, interval])).toEqual([
      ['sluice-objectives', '1s'],
      ['sluice-budgets', '6s'],
      ['sluice-causes', '1s'],
      ['sluice-forecasts', '3s'],
      ['sluice-release', '1s'],
    ]);
  });

  test('are at full pace what they were', () => {
    expect(scaleRules(before, FULL.factor)).toEqual(before);
  });

  (missing ? test.skip : test)('are taken by Prometheus', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-pace-'));
    try {
      const file = join(folder, 'rules.yaml');
      writeFileSync(file, JSON.stringify(after));
      const { status, stdout } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
      expect(stdout).toContain(`${rules(before).length} rules found`);
      expect(status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
