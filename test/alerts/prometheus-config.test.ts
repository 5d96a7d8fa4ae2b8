import { describe, expect, test } from '@jest/globals';
import { prometheusConfig, ruleGroups } from '../../alerts/index.ts';
import { definition } from '../../service/definition/index.ts';
import { GATEWAY_JOB } from '../../service/telemetry/catalogue.ts';
import { runTool, testWith } from './tools.ts';

describe.each(Object.entries(definition))('the configuration of Prometheus in %s', (_, service) => {
  const config = prometheusConfig(service);

  testWith('promtool', 'is accepted by promtool with the rules beside it', () => {
    const { status, output } = runTool('promtool', ['check', 'config', 'prometheus.yaml'], {
      'prometheus.yaml': config,
      'rules.yaml': ruleGroups(service),
    });
    expect(output).toContain('SUCCESS: 1 rule files found');
    expect(status).toBe(0);
  });

  test('scrapes the ops port of the gateway pods of its own namespace alone', () => {
    expect(config).toMatchObject({
      global: { scrape_interval: service.monitoring.scrapeInterval },
      scrape_configs: [
        {
          job_name: GATEWAY_JOB,
          kubernetes_sd_configs: [
            {
              role: 'pod',
              namespaces: { names: [service.namespace] },
              selectors: [{ role: 'pod', label: 'app.kubernetes.io/component=gateway' }],
            },
          ],
          relabel_configs: expect.arrayContaining([
            { action: 'keep', source_labels: ['__meta_kubernetes_pod_container_port_name'], regex: 'ops' },
            { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
            { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' },
          ]) as unknown,
        },
      ],
    });
  });
});
