import { describe, expect, test } from '@jest/globals';
import { GatewayLayer, GuardLayer } from '../../../infra/charts/index.ts';
import { synthesize } from '../../../infra/synth/index.ts';
import { dataOf, environment, field, IMAGE, render, requireObject } from '../render.ts';

const POD = 'spec.template.spec';
const CONTAINER = `${POD}.containers.0`;
const RECORDS = ['sluice-guard', 'sluice-quarantine', 'sluice-releases'];

function guarded(...settings: string[]) {
  return environment('prod', 'release.guard.mode=act', ...settings);
}

function guard(...settings: string[]) {
  return render((app) => new GuardLayer(app, guarded(...settings), IMAGE));
}

describe('the guard layer', () => {
  const objects = guard('release.guard.replicas=3');
  const deployment = requireObject(objects, 'Deployment');

  test('always has a pod that watches, also while it is replaced', () => {
    expect(field(deployment, 'spec')).toMatchObject({
      replicas: 3,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
    expect(field(requireObject(objects, 'PodDisruptionBudget'), 'spec.maxUnavailable')).toBe(1);
  });

  test('runs the image of the release, or its own, which no release changes', () => {
    const image = (...settings: string[]) =>
      field(requireObject(guard(...settings), 'Deployment'), `${CONTAINER}.image`);
    const own = 'release.guard.image=ghcr.io/acme/orders:1.2.0-77aa01f';

    expect(image()).toBe(IMAGE.reference);
    expect(image(own)).toBe('ghcr.io/acme/orders:1.2.0-77aa01f');
    expect(field(deployment, `${CONTAINER}.command`)).toEqual(['node', 'alerts/rollback/main.ts']);
    const labelled = requireObject(guard(own), 'Deployment').metadata.labels;
    expect(labelled).toMatchObject({ 'app.kubernetes.io/version': '1.2.0-77aa01f' });
  });

  test('is urgent as the gateway is', () => {
    const gateway = render((app) => new GatewayLayer(app, guarded(), IMAGE));

    expect(field(deployment, `${POD}.priorityClassName`)).toBe(
      field(requireObject(gateway, 'Deployment'), `${POD}.priorityClassName`),
    );
  });

  test('speaks to the API server as its own account, and knows its own name', () => {
    expect(field(deployment, POD)).toMatchObject({ serviceAccountName: 'guard', automountServiceAccountToken: true });
    expect(field(deployment, `${CONTAINER}.env`)).toEqual(
      expect.arrayContaining([
        { name: 'GUARD_CONFIG', value: '/etc/sluice/guard.json' },
        { name: 'GUARD_TOKEN_FILE', value: '/run/secrets/guard/token' },
        { name: 'PROBE_KEY_FILE', value: '/run/secrets/guard/probe-key' },
        { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ]),
    );
  });

  test('is told of the definition what no release changes', () => {
    const config = (...settings: string[]) => requireObject(guard(...settings), 'ConfigMap', nameOf(...settings));
    const nameOf = (...settings: string[]): string =>
      guard(...settings)
        .filter(({ kind, immutable }) => kind === 'ConfigMap' && immutable === true)
        .map(({ metadata }) => metadata.name)
        .join();

    expect(JSON.parse(dataOf(config(), 'guard.json'))).toMatchObject({
      namespace: 'sluice-prod',
      gateway: { port: 8080 },
      prometheusUrl: 'http://prometheus-operated.monitoring.svc:9090',
    });
    expect(nameOf()).toMatch(/^guard-config-[0-9a-f]{10}$/);
    expect(nameOf('version=9.9.9')).toBe(nameOf());
    expect(nameOf('release.cooldown=1h')).not.toBe(nameOf());
  });

  test('is told what its receiver needs', () => {
    const team = 'monitoring.receivers.team.webhook.token';
    const settings = ['release.guard.receiver=team', `${team}.secret=pager`, `${team}.key=token`];
    const mounted = (...values: string[]) =>
      JSON.stringify(field(requireObject(guard(...values), 'Deployment'), `${CONTAINER}.volumeMounts`));

    expect(mounted(...settings)).toContain('/run/secrets/pager');
    expect(mounted(...settings.slice(1))).not.toContain('/run/secrets/pager');
  });

  test('keeps what it knows in objects that nobody fills or takes away who applies them', () => {
    const kept = objects.filter(({ metadata }) => metadata.name.startsWith('sluice-'));
    const lease = requireObject(kept, 'Lease');

    expect(kept.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name)).toEqual(RECORDS);
    expect(lease).not.toHaveProperty('spec');
    for (const object of kept) {
      expect(object).not.toHaveProperty('data');
      expect(object.metadata.annotations).toMatchObject({
        'argocd.argoproj.io/sync-options': 'Prune=false',
        'kustomize.toolkit.fluxcd.io/prune': 'disabled',
      });
    }
  });
});

describe('a gateway that is guarded', () => {
  const gateway = (...settings: string[]) =>
    requireObject(
      render((app) => new GatewayLayer(app, environment('prod', ...settings), IMAGE)),
      'Deployment',
    );
  const act = gateway('release.guard.mode=act');
  const off = gateway('release.guard.mode=off');

  test('knows the synthetic requests by the key of the guard, and does not get its token', () => {
    expect(field(act, `${CONTAINER}.env`)).toContainEqual({
      name: 'PROBE_KEY_FILE',
      value: '/run/secrets/guard/probe-key',
    });
    expect(field(act, `${POD}.volumes`)).toContainEqual({
      name: 'secret-guard',
      secret: { defaultMode: 0o440, items: [{ key: 'probe-key', path: 'probe-key' }], secretName: 'guard' },
    });
    expect(JSON.stringify(off)).not.toContain('probe-key');
  });

  test('is taken back by the next deploy from the guard, who set it last; also from one that is switched off', () => {
    for (const each of [act, off]) {
      expect(each.metadata.annotations).toMatchObject({ 'pulumi.com/patchForce': 'true' });
    }
  });
});

test('without a guard there is nothing of it, and nobody with rights', () => {
  const text = JSON.stringify(synthesize(environment('prod', 'release.guard.mode=off')).manifests);

  expect(text).not.toMatch(/"name":"(guard|sluice-guard|gateway-withdrawn)/);
  expect(text).not.toContain('"kind":"Role"');
});

describe('the pods of the guard and of a withdrawn release are scraped', () => {
  test('by the operator, under jobs of their own and by the release that they run', () => {
    const { manifests } = synthesize(guarded());
    const monitor = (name: string) => field(requireObject(manifests, 'PodMonitor', name), 'spec');

    expect(monitor('guard')).toMatchObject({
      jobLabel: 'app.kubernetes.io/name',
      podMetricsEndpoints: [{ port: 'http', path: '/metrics', interval: '5s' }],
    });
    expect(monitor('gateway-withdrawn')).toMatchObject({
      jobLabel: 'app.kubernetes.io/name',
      podTargetLabels: ['pod-template-hash'],
      podMetricsEndpoints: [{ port: 'ops', path: '/metrics', interval: '5s' }],
      selector: { matchLabels: { 'app.kubernetes.io/name': 'gateway-withdrawn' } },
    });
  });

  test('by a Prometheus of our own, also before they are Ready', () => {
    const { manifests } = synthesize(environment('dev', 'release.guard.mode=act'));
    const configuration = manifests.find(({ metadata }) => metadata.name.startsWith('prometheus-config-'));
    const text = configuration ? dataOf(configuration, 'prometheus.yaml') : '';

    for (const [name, port] of [
      ['guard-ops', 9465],
      ['gateway-withdrawn', 9464],
    ] as const) {
      expect(field(requireObject(manifests, 'Service', name), 'spec')).toMatchObject({
        clusterIP: 'None',
        publishNotReadyAddresses: true,
        ports: [{ port }],
      });
      expect(text).toContain(`- ${name}\n`);
    }
    expect(text).toContain('job_name: guard\n');
    expect(text).toContain('job_name: gateway-withdrawn\n');
  });
});
