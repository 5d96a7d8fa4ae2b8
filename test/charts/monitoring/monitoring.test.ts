import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { flows, OperatorMonitoringLayer, StandaloneMonitoringLayer } from '../../../infra/charts/index.ts';
import { checkService } from '../../../infra/invariants/index.ts';
import { dashboardsOf } from '../../../infra/synth/dashboards.ts';
import { missingReceiverSecrets, secretObjects, synthesize } from '../../../infra/synth/index.ts';
import { parseService, type Service } from '../../../service/definition/index.ts';
import { alertmanagerConfig } from '../../../alerts/index.ts';
import { watchedBy, watchedByAll } from '../../alerts/notified.ts';
import { runTool, testWith } from '../../alerts/tools.ts';
import { PASSWORDS } from '../../support/passwords.ts';
import { dataOf, environment, field, render, requireObject } from '../render.ts';

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
    expect(requireObject(objects, 'PodMonitor', 'gateway').spec).toEqual({
      jobLabel: 'app.kubernetes.io/name',
      podMetricsEndpoints: [{ port: 'ops', path: '/metrics', interval: '7s' }],
      podTargetLabels: ['pod-template-hash'],
      selector: { matchLabels: { 'app.kubernetes.io/name': 'gateway' } },
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

test('the instances of CloudNativePG are scraped like everything else, label and interval included', () => {
  const settings = [
    'datastores.postgres.kind=cloudnativepg',
    'datastores.postgres.image=ghcr.io/cloudnative-pg/postgresql:15.14',
    'monitoring.release=stack',
  ];
  const objects = render(
    (app) => new OperatorMonitoringLayer(app, environment('prod', ...settings), { rules: {}, alerts: {} }),
  );
  const monitor = requireObject(objects, 'PodMonitor', 'postgres-cluster');

  expect(monitor.metadata.labels).toMatchObject({ release: 'stack' });
  expect(monitor.spec).toMatchObject({
    podMetricsEndpoints: [{ port: 'metrics', interval: '5s' }],
    selector: { matchLabels: { 'cnpg.io/cluster': 'postgres-cluster' } },
  });
});

describe('what an operator is told of the exporters', () => {
  const props = { rules: {}, alerts: {} };
  const monitors = (...settings: string[]) =>
    render((app) => new OperatorMonitoringLayer(app, environment('prod', ...settings), props)).filter(
      ({ kind }) => kind === 'PodMonitor',
    );

  test('is to ask the one of Redis once for each Redis, and to note for which', () => {
    const redis = monitors('stores.redis.kind=single').find(({ metadata }) => metadata.name === 'redis-exporter');

    expect(field(redis, 'spec.podMetricsEndpoints')).toEqual(
      ['redis', 'redis-cache'].map((store) => ({
        port: 'http',
        path: '/scrape',
        params: { target: [`redis://${store}:6379`] },
        interval: '5s',
        relabelings: [
          { targetLabel: 'instance', replacement: store },
          { targetLabel: 'store', replacement: store },
        ],
      })),
    );
  });

  test('is to ask for each pod of a Redis that has several', () => {
    const redis = monitors('stores.redis.kind=replicated').find(({ metadata }) => metadata.name === 'redis-exporter');
    const endpoints = field(redis, 'spec.podMetricsEndpoints') as { params: { target: string[] } }[];

    expect(endpoints.flatMap(({ params }) => params.target)).toEqual([
      ...[0, 1, 2].map((place) => `redis://redis-${place}.redis:6379`),
      'redis://redis-cache:6379',
    ]);
  });

  test('is nothing of stores that others run', () => {
    const names = (...settings: string[]) => monitors(...settings).map(({ metadata }) => metadata.name);

    const ours = ['gateway', 'gateway-withdrawn', 'guard'];

    expect(names()).toEqual([...ours, 'redis-exporter', 'postgres-exporter']);
    expect(names('stores.redis.kind=external', 'datastores.postgres.kind=external')).toEqual(ours);
  });
});

describe('monitoring of its own', () => {
  const props = {
    rules: { groups: [] },
    prometheus: { rule_files: ['rules.yaml'] },
    alertmanager: { route: {} },
    dashboards: new Map<string, object>(),
  };
  const service = environment('dev', 'namespace=orders', 'gateway.opsPort=9500', 'monitoring.discoveryInterval=0.15m');
  const objects = render((app) => new StandaloneMonitoringLayer(app, service, props));
  const config = (program: string) => {
    const name = field(requireObject(objects, 'Deployment', program), 'spec.template.spec.volumes.0.configMap.name');
    return requireObject(objects, 'ConfigMap', name as string);
  };

  test('tells the Alertmanager beside it, by its Service', () => {
    const { ports } = requireObject(objects, 'Service', 'alertmanager').spec as { ports: [{ port: number }] };

    expect(parse(dataOf(config('prometheus'), 'prometheus.yaml'))).toMatchObject({
      alerting: { alertmanagers: [{ static_configs: [{ targets: [`alertmanager:${ports[0].port}`] }] }] },
    });
  });

  test('runs Prometheus on the rules, with a configuration that the name of its ConfigMap tells apart', () => {
    expect(parse(dataOf(config('prometheus'), 'rules.yaml'))).toEqual(props.rules);
    expect(parse(dataOf(config('prometheus'), 'prometheus.yaml'))).toMatchObject({ rule_files: ['rules.yaml'] });
    expect(field(requireObject(objects, 'Deployment', 'prometheus'), ARGS)).toEqual(
      expect.arrayContaining(['--config.file=/etc/prometheus/prometheus.yaml', '--enable-feature=exemplar-storage']),
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
      scrape_configs: object[];
    };
    const target = requireObject(objects, 'Service', 'gateway-ops');

    expect(scrapes[0]).toMatchObject({
      job_name: 'gateway',
      dns_sd_configs: [{ names: [target.metadata.name], type: 'A', port: 9500, refresh_interval: '9s' }],
      relabel_configs: expect.arrayContaining([{ target_label: 'namespace', replacement: 'orders' }]) as unknown,
    });
    expect(target.spec).toMatchObject({
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      ports: [{ port: 9500 }],
      selector: { 'app.kubernetes.io/name': 'gateway' },
    });
  });

  test('asks the exporter of Redis for each Redis under one job, and that of Postgres', () => {
    const { scrape_configs: all } = parse(dataOf(config('prometheus'), 'prometheus.yaml')) as {
      scrape_configs: { job_name: string }[];
    };
    const scrapes = all.filter(({ job_name: job }) => job.includes('-exporter'));

    expect(scrapes).toHaveLength(3);
    for (const [place, store] of ['redis', 'redis-cache'].entries()) {
      expect(scrapes[place]).toMatchObject({
        metrics_path: '/scrape',
        params: { target: [`redis://${store}:6379`] },
        relabel_configs: expect.arrayContaining([
          { target_label: 'job', replacement: 'redis-exporter' },
          { target_label: 'store', replacement: store },
        ]) as unknown,
      });
    }
    expect(scrapes[2]).toMatchObject({ job_name: 'postgres-exporter', dns_sd_configs: [{ port: 9187 }] });
    expect(requireObject(objects, 'Service', 'postgres-exporter').spec).toMatchObject({ clusterIP: 'None' });
  });

  testWith('promtool', 'has a configuration that Prometheus accepts', () => {
    const files = { 'prometheus.yaml': parse(dataOf(config('prometheus'), 'prometheus.yaml')) as object };
    const { status, output } = runTool('promtool', ['check', 'config', 'prometheus.yaml'], {
      ...files,
      'rules.yaml': props.rules,
    });
    expect(output).toContain('SUCCESS');
    expect(status).toBe(0);
  });

  test('forgets with its pods in dev, and keeps on volumes elsewhere', () => {
    const kept = render(
      (app) =>
        new StandaloneMonitoringLayer(
          app,
          environment('prod', 'monitoring.kind=standalone', 'monitoring.storage.alertmanager=300Mi'),
          props,
        ),
    );
    const claims = (all: typeof objects) => all.filter(({ kind }) => kind === 'PersistentVolumeClaim');

    expect(claims(objects)).toEqual([]);
    expect(field(requireObject(objects, 'Deployment', 'prometheus'), ARGS)).toContain(
      '--storage.tsdb.retention.size=716MB',
    );
    expect(
      claims(kept).map(({ metadata, spec }) => [metadata.name, field(spec, 'resources.requests.storage')]),
    ).toEqual([
      ['prometheus-data', '20Gi'],
      ['alertmanager-data', '300Mi'],
    ]);
    expect(field(requireObject(kept, 'Deployment', 'prometheus'), ARGS)).toContain(
      '--storage.tsdb.retention.size=14336MB',
    );
    expect(field(requireObject(kept, 'Deployment', 'prometheus'), 'spec.strategy.type')).toBe('Recreate');
  });

  test('has no Grafana unless it is asked for', () => {
    expect(objects.map(({ metadata }) => metadata.name)).not.toContain('grafana');
  });
});

describe('what receivers of alerts need', () => {
  const service = watchedByAll('dev', 'release.guard.mode=act');
  const alertmanager = alertmanagerConfig(service);
  const objects = render(
    (app) =>
      new StandaloneMonitoringLayer(app, service, { rules: {}, prometheus: {}, alertmanager, dashboards: new Map() }),
  );
  const pod = field(requireObject(objects, 'Deployment', 'alertmanager'), 'spec.template.spec');

  test('are files where the configuration looks for them, and no others', () => {
    const volumes = field(pod, 'volumes') as {
      name: string;
      secret?: { secretName: string; items: { key: string; path: string }[] };
    }[];
    const mounts = field(pod, 'containers.0.volumeMounts') as { name: string; mountPath: string }[];
    const files = volumes.flatMap(({ name, secret }) => {
      const path = mounts.find((mount) => mount.name === name)?.mountPath ?? '';
      return (secret?.items ?? []).map((item) => `${path}/${item.path}`);
    });
    const wanted = JSON.stringify(alertmanager).match(/\/run\/secrets\/[\w./-]+/g);

    expect(files.sort()).toEqual([...new Set(wanted)].sort());
    expect(files).toContain('/run/secrets/pager/routing-key');
    expect(files).toContain('/run/secrets/guard/token');
  });

  test('are Secrets that only those can make who run the receivers, each told with its command', () => {
    expect(missingReceiverSecrets(service)).toContain(
      'the Secret pager is left out, without which on-call cannot be told of alerts; make it: kubectl ' +
        '--namespace=sluice-dev create secret generic pager --from-literal=token=... --from-literal=routing-key=...',
    );
    // The guard's is made with the other passwords.
    expect(missingReceiverSecrets(environment('dev', 'release.guard.mode=act'))).toEqual([]);
  });

  test('are told with everybody who shares a Secret, each key of it once', () => {
    const told = (path: string) => ({
      webhook: { url: `http://pager.internal/${path}`, token: { secret: 'pager', key: 'token' } },
    });
    const shared = watchedBy('dev', {
      receivers: { day: told('day'), night: told('night') },
      notifications: { receiver: 'day', page: { receiver: 'night' } },
    });

    expect(missingReceiverSecrets(shared)).toEqual([
      'the Secret pager is left out, without which day and night cannot be told of alerts; make it: kubectl ' +
        '--namespace=sluice-dev create secret generic pager --from-literal=token=...',
    ]);
  });

  test('may be talked to, each at its port, and the guard too', () => {
    const told = flows(service).flatMap(({ from, to, ports }) => (from === 'alertmanager' ? [[to, ports]] : []));

    expect(told).toEqual([
      ['outside', [443]],
      [{ host: 'smtp.example.com' }, [587]],
      [{ host: 'dead-man.internal' }, [80]],
      [{ host: 'pager.internal' }, [9000]],
      [{ host: 'events.pagerduty.com' }, [443]],
      ['guard', [9465]],
    ]);
    expect(checkService(service)).toEqual([]);
  });

  test('is another port where a Secret tells the URL and the definition its port', () => {
    const url = { secret: 'chat', key: 'url' };
    const other = watchedBy('dev', {
      receivers: { team: { slack: { urlFrom: url, channel: '#orders', port: 8443 } } },
    });

    expect(flows(other)).toContainEqual({ from: 'alertmanager', to: 'outside', ports: [8443] });
  });

  test.each(['dev', 'prod'] as const)('is said to the gateway of %s by where it is kept alone', (name) => {
    const maps = synthesize(watchedByAll(name)).manifests.filter(({ kind }) => kind === 'ConfigMap');
    const config = maps.find(({ metadata }) => metadata.name.startsWith('gateway-config'));
    const { monitoring } = JSON.parse(
      dataOf(requireObject(maps, 'ConfigMap', config?.metadata.name), 'service.json'),
    ) as Service;
    const secrets = Object.values(monitoring.receivers).flatMap(({ webhook, email, slack, pagerduty }) =>
      [webhook?.token, webhook?.urlFrom, email?.password, slack?.urlFrom, pagerduty?.routingKey].filter(Boolean),
    );

    expect(secrets).toHaveLength(5);
    for (const secret of secrets) expect(secret).toEqual({ secret: expect.any(String), key: expect.any(String) });
  });
});

describe('Grafana', () => {
  const values = structuredClone(environment('dev')) as unknown as { monitoring: object };
  const service = parseService({ ...values, monitoring: { ...values.monitoring, grafana: {} } });
  const boards = dashboardsOf(service);
  const objects = render(
    (app) =>
      new StandaloneMonitoringLayer(app, service, { rules: {}, prometheus: {}, alertmanager: {}, dashboards: boards }),
  );
  const deployment = requireObject(objects, 'Deployment', 'grafana');
  const mounts = field(deployment, 'spec.template.spec.containers.0.volumeMounts') as Record<string, string>[];

  /** The ConfigMap that lies at a path of the container. */
  function mounted(path: string) {
    const name = mounts.find(({ mountPath }) => mountPath === path)?.name;
    const volumes = field(deployment, 'spec.template.spec.volumes') as { name: string; configMap?: { name: string } }[];
    return requireObject(objects, 'ConfigMap', volumes.find((volume) => volume.name === name)?.configMap?.name);
  }

  test('is told of the Prometheus beside it, which dashboards then need not name', () => {
    expect(parse(dataOf(mounted('/etc/grafana/provisioning/datasources'), 'prometheus.yaml'))).toMatchObject({
      apiVersion: 1,
      datasources: [{ type: 'prometheus', url: 'http://prometheus:9090', isDefault: true, access: 'proxy' }],
    });
  });

  test('finds every dashboard where its provider looks', () => {
    const { providers } = parse(dataOf(mounted('/etc/grafana/provisioning/dashboards'), 'dashboards.yaml')) as {
      providers: { type: string; options: { path: string } }[];
    };
    const [provider] = providers;
    const files = mounted(provider?.options.path ?? '').data as Record<string, string>;

    expect(provider).toMatchObject({ type: 'file' });
    expect(Object.keys(files)).toEqual([...boards.keys()].sort());
    for (const [file, text] of Object.entries(files)) expect(JSON.parse(text)).toEqual(plain(boards.get(file)));
  });

  test('takes its password from a file and asks nobody outside', () => {
    const variables = field(deployment, 'spec.template.spec.containers.0.env');

    expect(variables).toContainEqual({
      name: 'GF_SECURITY_ADMIN_PASSWORD__FILE',
      value: '/run/secrets/grafana/password',
    });
    expect(variables).toContainEqual({ name: 'GF_ANALYTICS_REPORTING_ENABLED', value: 'false' });
    const secrets = secretObjects(service, { ...PASSWORDS, grafanaPassword: 'c' });
    expect(secrets.find(({ metadata }) => metadata.name === 'grafana')?.stringData).toEqual({ password: 'c' });
  });

  test('talks to Prometheus alone, and no flow leads to it', () => {
    const own = flows(service).filter(({ from, to }) => from === 'grafana' || to === 'grafana');

    expect(own).toEqual([{ from: 'grafana', to: 'prometheus', ports: [9090] }]);
    expect(checkService(service)).toEqual([]);
  });
});

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
