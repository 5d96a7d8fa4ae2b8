import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { flows, GatewayLayer, OperatorMonitoringLayer } from '../../../infra/charts/index.ts';
import { scrapes } from '../../../infra/charts/monitoring/discovery.ts';
import { sortedYaml } from '../../../infra/charts/objects/sorted.ts';
import { exportersOf, withValues, type Service } from '../../../service/definition/index.ts';
import { METRICS, type Metric } from '../../../service/telemetry/catalogue.ts';
import { runTool, testWith } from '../../alerts/tools.ts';
import { environment, field, IMAGE, render, requireObject } from '../render.ts';

const PLACES = [
  'monitoring.cluster.kubeStateMetrics=kube-state-metrics.monitoring.svc:8080',
  'monitoring.cluster.certManager=cert-manager.cert-manager.svc:9402',
];

/** An environment with certificates and a Prometheus of its own. */
const standalone = (...settings: string[]): Service =>
  withValues(environment('prod', 'monitoring.kind=standalone'), settings);

const jobs = (service: Service): readonly unknown[] =>
  scrapes(service).map((scrape) => (scrape as { readonly job_name: string }).job_name);

const namesOf = (exporter: Metric['exporter']): string =>
  Object.values<Metric>(METRICS)
    .filter((metric) => metric.exporter === exporter)
    .map(({ name }) => name)
    .sort()
    .join('|');

describe('a Prometheus of our own', () => {
  test('scrapes of the cluster what the definition says the place of, and nothing else', () => {
    expect(jobs(standalone())).not.toContain('kube-state-metrics');
    expect(jobs(standalone(...PLACES))).toEqual(expect.arrayContaining(['kube-state-metrics', 'cert-manager']));
    expect(exportersOf(standalone())).not.toContain('kubelet');
    expect(exportersOf(standalone(...PLACES))).toEqual(expect.arrayContaining(['kube-state-metrics', 'cert-manager']));
    expect(exportersOf(standalone(...PLACES))).not.toContain('kubelet');
  });

  test('keeps of it what the catalogue names, of the namespace of the environment alone', () => {
    const scrape = scrapes(standalone(...PLACES)).find(
      (each) => (each as { readonly job_name: string }).job_name === 'kube-state-metrics',
    );
    expect(scrape).toMatchObject({
      static_configs: [{ targets: ['kube-state-metrics.monitoring.svc:8080'] }],
      honor_labels: true,
      relabel_configs: [{ target_label: 'namespace', replacement: 'sluice-prod' }],
      metric_relabel_configs: [
        { source_labels: ['__name__'], regex: namesOf('kube-state-metrics'), action: 'keep' },
        { source_labels: ['namespace'], regex: 'sluice-prod', action: 'keep' },
      ],
    });
  });

  test('is let through to both, and to nobody where no place is named', () => {
    const from = (service: Service) =>
      flows(service).filter((flow) => flow.from === 'prometheus' && typeof flow.to === 'object');
    expect(from(standalone())).toEqual([]);
    expect(from(standalone(...PLACES))).toEqual([
      { from: 'prometheus', to: { host: 'kube-state-metrics.monitoring.svc' }, ports: [8080] },
      { from: 'prometheus', to: { host: 'cert-manager.cert-manager.svc' }, ports: [9402] },
    ]);
  });

  test('has no certificates to look at where nobody asks for any', () => {
    expect(jobs(environment('dev', ...PLACES))).toContain('kube-state-metrics');
    expect(jobs(environment('dev', ...PLACES))).not.toContain('cert-manager');
  });

  test.each(['kube-state-metrics', 'http://kube-state-metrics:8080', 'kube-state-metrics:port', 'a b:1', ':8080'])(
    'is refused the place %p',
    (place) => {
      expect(() => standalone(`monitoring.cluster.kubeStateMetrics=${place}`)).toThrow(
        /monitoring\.cluster\.kubeStateMetrics .*must be a host and its port, such as/,
      );
    },
  );

  testWith('promtool', 'reads these scrapes as its own', () => {
    const config = { scrape_configs: parse(sortedYaml(scrapes(standalone(...PLACES)))) as object };
    expect(runTool('promtool', ['check', 'config', 'prometheus.yaml'], { 'prometheus.yaml': config })).toMatchObject({
      status: 0,
    });
  });
});

describe('every series of a gateway tells which release it is of', () => {
  const container = (service: Service) =>
    field(
      requireObject(
        render((app) => new GatewayLayer(app, service, IMAGE)),
        'Deployment',
      ),
      'spec.template.spec.containers.0.env',
    ) as readonly { readonly name: string; readonly valueFrom?: object }[];
  const told = (service: Service) => container(service).find(({ name }) => name === 'POD_TEMPLATE_HASH')?.valueFrom;

  test('by the operator, from the label of its pod', () => {
    const objects = render((app) => new OperatorMonitoringLayer(app, environment('prod'), { rules: {}, alerts: {} }));
    expect(field(requireObject(objects, 'PodMonitor', 'gateway'), 'spec.podTargetLabels')).toEqual([
      'pod-template-hash',
    ]);
    expect(told(environment('prod'))).toBeUndefined();
  });

  test('by itself, to a Prometheus that knows addresses alone', () => {
    expect(told(standalone())).toEqual({ fieldRef: { fieldPath: "metadata.labels['pod-template-hash']" } });
  });
});
