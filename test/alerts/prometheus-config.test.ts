import { describe, expect, test } from '@jest/globals';
import { prometheusConfig, ruleGroups } from '../../alerts/index.ts';
import { definition, withValues } from '../../service/definition/index.ts';
import { runTool, testWith } from './tools.ts';

describe.each(Object.entries(definition))('the configuration of Prometheus in %s', (_, service) => {
  testWith('promtool', 'is accepted by promtool with the rules beside it', () => {
    const { status, output } = runTool('promtool', ['check', 'config', 'prometheus.yaml'], {
      'prometheus.yaml': prometheusConfig(service),
      'rules.yaml': ruleGroups(service),
    });
    expect(output).toContain('SUCCESS: 1 rule files found');
    expect(status).toBe(0);
  });
});

test('the gateway is scraped, and rules are evaluated, as often as the definition says', () => {
  const changed = withValues(definition.dev, ['monitoring.scrapeInterval=0.5m', 'monitoring.evaluationInterval=1.5m']);
  expect(prometheusConfig(changed)).toMatchObject({ global: { scrape_interval: '30s', evaluation_interval: '90s' } });
});
