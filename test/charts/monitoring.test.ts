import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { OperatorMonitoringLayer, StandaloneMonitoringLayer } from '../../infra/charts/index.ts';
import { dataOf, environment, field, render, requireObject } from './render.ts';

const ARGS = 'spec.template.spec.containers.0.args';

describe('monitoring by an operator', () => {
  const props = { rules: { groups: [{ name: 'gateway' }] }, alerts: { route: { receiver: 'page' } } };
  const service = environment('prod', 'monitoring.scrapeInterval=7s');
  const objects = render((app) => new OperatorMonitoringLayer(app, service, props));

  test('hands rules and routes over as they are', () => {
    expect(requireObject(objects, 'PrometheusRule').spec).toEqual(props.rules);
    expect(requireObject(objects, 'AlertmanagerConfig')).toMatchObject({
      apiVersion: 'monitoring.coreos.com/v1alpha1',
      spec: props.alerts,
    });
  });

  test('scrapes the ops port of every gateway pod under the job that rules name', () => {
    expect(requireObject(objects, 'PodMonitor').spec).toEqual({
      jobLabel: 'app.kubernetes.io/name',
      podMetricsEndpoints: [{ port: 'ops', path: '/metrics', interval: '7s' }],
      selector: { matchLabels: { 'app.kubernetes.io/instance': 'gateway', 'app.kubernetes.io/name': 'gateway' } },
    });
  });
});

describe('the label by which some Prometheus pick objects', () => {
  const props = { rules: { groups: [] }, alerts: {} };
  const releases = (...settings: string[]) =>
    render((app) => new OperatorMonitoringLayer(app, environment('prod', ...settings), props)).map(
      ({ metadata }) => metadata.labels?.release,
    );

  test('is on every object where the definition names the release', () => {
    expect(new Set(releases('monitoring.release=kube-prometheus-stack'))).toEqual(new Set(['kube-prometheus-stack']));
  });

  test('is absent else', () => {
    expect(new Set(releases())).toEqual(new Set([undefined]));
  });
});

describe('monitoring of its own', () => {
  const props = { rules: { groups: [] }, prometheus: { rule_files: ['rules.yaml'] }, alertmanager: { route: {} }, dashboards: new Map<string, object>() };
  const service = environment('dev', 'namespace=orders', 'gateway.opsPort=9500', 'monitoring.discoveryInterval=0.15m');
  const objects = render((app) => new StandaloneMonitoringLayer(app, service, props));
  const config = (program: string) => {
    const name = field(requireObject(objects, 'Deployment', program), 'spec.template.spec.volumes.0.configMap.name');
    return requireObject(objects, 'ConfigMap', name as string);
  };

  test('runs Prometheus on the rules, with a configuration that the name of its ConfigMap tells apart', () => {
    expect(parse(dataOf(config('prometheus'), 'rules.yaml'))).toEqual(props.rules);
    expect(parse(dataOf(config('prometheus'), 'prometheus.yaml'))).toMatchObject({ rule_files: ['rules.yaml'] });
    expect(field(requireObject(objects, 'Deployment', 'prometheus'), ARGS)).toContain(
      '--config.file=/etc/prometheus/prometheus.yaml',
    );
    expect(config('prometheus')).toMatchObject({ immutable: true });
  });

  test('runs Alertmanager on the routes', () => {
    expect(parse(dataOf(config('alertmanager'), 'alertmanager.yaml'))).toEqual(props.alertmanager);
    expect(field(requireObject(objects, 'Deployment', 'alertmanager'), ARGS)).toContain(
      '--config.file=/etc/alertmanager/alertmanager.yaml',
    );
  });

  test('finds the gateway by a name that also tells pods that are not Ready', () => {
    const { scrape_configs: scrapes } = parse(dataOf(config('prometheus'), 'prometheus.yaml')) as {
      scrape_configs: unknown;
    };
    const target = requireObject(objects, 'Service', 'gateway-ops');

    expect(scrapes).toMatchObject([
      {
        job_name: 'gateway',
        dns_sd_configs: [{ names: [target.metadata.name], type: 'A', port: 9500, refresh_interval: '9s' }],
      },
    ]);
    expect(scrapes).toMatchObject([
      { relabel_configs: expect.arrayContaining([{ target_label: 'namespace', replacement: 'orders' }]) as unknown },
    ]);
    expect(target.spec).toMatchObject({
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      ports: [{ port: 9500 }],
      selector: { 'app.kubernetes.io/name': 'gateway' },
    });
  });
});
