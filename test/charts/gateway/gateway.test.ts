import { describe, expect, test } from '@jest/globals';
import { GatewayLayer } from '../../../infra/charts/index.ts';
import { dataOf, environment, field, IMAGE, render, requireObject } from '../render.ts';

const POD = 'spec.template.spec';
const CONTAINER = `${POD}.containers.0`;

function gateway(...settings: string[]) {
  return render((app) => new GatewayLayer(app, environment('prod', ...settings), IMAGE));
}

describe('the gateway layer', () => {
  const objects = gateway('rollout.surge=2', 'scaling.min=3', 'scaling.max=5', 'gateway.port=8090');
  const deployment = requireObject(objects, 'Deployment');

  test('leaves the number of pods to the autoscaler', () => {
    const autoscaler = requireObject(objects, 'HorizontalPodAutoscaler');

    expect(deployment).not.toHaveProperty('spec.replicas');
    expect(autoscaler).toMatchObject({
      spec: {
        minReplicas: 3,
        maxReplicas: 5,
        scaleTargetRef: { kind: 'Deployment', name: 'gateway' },
        metrics: [{ resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 65 } } }],
      },
    });
  });

  test('takes pods away more slowly than it adds them', () => {
    const behavior = field(requireObject(objects, 'HorizontalPodAutoscaler'), 'spec.behavior');

    expect(behavior).toMatchObject({
      scaleUp: { stabilizationWindowSeconds: 0 },
      scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
    });
  });

  test('never has fewer pods than wanted during a roll', () => {
    expect(field(deployment, 'spec')).toMatchObject({
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } },
      minReadySeconds: 20,
      progressDeadlineSeconds: 300,
    });
  });

  test('sends traces to the collector of the environment, and none without', () => {
    const variable = (...settings: string[]) =>
      (
        field(requireObject(gateway(...settings), 'Deployment'), `${CONTAINER}.env`) as {
          readonly name: string;
          readonly value?: string;
        }[]
      ).find(({ name }) => name === 'OTEL_EXPORTER_OTLP_ENDPOINT')?.value;
    expect(variable()).toBeUndefined();
    expect(variable('telemetry.traces.collector=http://collector.observability.svc:4318')).toBe(
      'http://collector.observability.svc:4318',
    );
  });

  test('shows the collector the headers that a Secret keeps', () => {
    const traces = [
      'telemetry.traces.collector=http://collector.observability.svc:4318',
      'telemetry.traces.headers.secret=collector',
      'telemetry.traces.headers.key=headers',
    ];
    const pod = field(requireObject(gateway(...traces), 'Deployment'), POD);
    expect(pod).toMatchObject({
      containers: [
        {
          env: expect.arrayContaining([
            { name: 'OTEL_EXPORTER_OTLP_HEADERS_FILE', value: '/run/secrets/collector/headers' },
          ]),
          volumeMounts: expect.arrayContaining([
            expect.objectContaining({ mountPath: '/run/secrets/collector', readOnly: true }),
          ]),
        },
      ],
      volumes: expect.arrayContaining([
        expect.objectContaining({ secret: expect.objectContaining({ secretName: 'collector' }) }),
      ]),
    });
  });

  test('grants the declared time to finish', () => {
    expect(field(deployment, `${POD}.terminationGracePeriodSeconds`)).toBe(140);
  });

  test('may lose one pod to an eviction, and any pod that is not Ready', () => {
    expect(field(requireObject(objects, 'PodDisruptionBudget'), 'spec')).toMatchObject({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    });
  });

  test('asks other questions for readiness than for liveness, on the ops port', () => {
    const probe = (name: string) => field(deployment, `${CONTAINER}.${name}`);

    expect(probe('startupProbe')).toMatchObject({ httpGet: { path: '/livez', port: 9464 }, failureThreshold: 60 });
    expect(probe('readinessProbe')).toMatchObject({ httpGet: { path: '/readyz', port: 9464 }, periodSeconds: 5 });
    expect(probe('livenessProbe')).toMatchObject({ httpGet: { path: '/livez', port: 9464 }, periodSeconds: 10 });
    expect(field(deployment, `${CONTAINER}.ports`)).toContainEqual({ containerPort: 9464, name: 'ops' });
  });

  test('requests and limits processor, memory and local disk', () => {
    expect(field(deployment, `${CONTAINER}.resources`)).toEqual({
      requests: { cpu: '500m', memory: '1152Mi', 'ephemeral-storage': '128Mi' },
      limits: { cpu: '3000m', memory: '1152Mi', 'ephemeral-storage': '1024Mi' },
    });
  });

  test('publishes the public port only', () => {
    expect(field(requireObject(objects, 'Service'), 'spec')).toMatchObject({
      ports: [{ name: 'http', port: 8090, targetPort: 8090 }],
    });
  });

  test('prefers hosts that have no other gateway', () => {
    const affinity = field(deployment, `${POD}.affinity.podAntiAffinity`);

    expect(affinity).toMatchObject({
      preferredDuringSchedulingIgnoredDuringExecution: [
        { podAffinityTerm: { topologyKey: 'kubernetes.io/hostname' }, weight: 100 },
      ],
    });
    expect(affinity).not.toHaveProperty('requiredDuringSchedulingIgnoredDuringExecution');
  });

  test('selects its pods by labels that a release does not change', () => {
    const selector = { 'app.kubernetes.io/instance': 'gateway', 'app.kubernetes.io/name': 'gateway' };

    expect(field(deployment, 'spec.selector')).toEqual({ matchLabels: selector });
    expect(field(requireObject(objects, 'PodDisruptionBudget'), 'spec.selector')).toEqual({ matchLabels: selector });
    expect(field(deployment, 'spec.template.metadata.labels')).toMatchObject({
      ...selector,
      'app.kubernetes.io/component': 'gateway',
      'app.kubernetes.io/managed-by': 'sluice',
      'app.kubernetes.io/part-of': 'sluice',
    });
  });

  test('takes requests also by the pod of the version before, which no Deployment, autoscaler or budget counts', () => {
    expect(field(requireObject(objects, 'Service'), 'spec.selector')).toEqual({ 'app.kubernetes.io/name': 'gateway' });
  });

  test('reads its definition from an immutable ConfigMap that is named after its content', () => {
    const name = (...settings: string[]) => requireObject(gateway(...settings), 'ConfigMap').metadata.name;
    const config = requireObject(objects, 'ConfigMap');

    expect(config).toMatchObject({ immutable: true });
    expect(JSON.parse(dataOf(config, 'service.json'))).toEqual(
      environment('prod', 'rollout.surge=2', 'scaling.min=3', 'scaling.max=5', 'gateway.port=8090'),
    );
    expect(field(deployment, `${POD}.volumes.0.configMap.name`)).toBe(config.metadata.name);
    expect(name()).toBe(name());
    expect(name('rollout.surge=2')).not.toBe(name());
  });

  test('gets its secrets as files', () => {
    const variables = field(deployment, `${CONTAINER}.env`);

    expect(variables).toContainEqual({ name: 'REDIS_URL_FILE', value: '/run/secrets/redis/url' });
    expect(variables).toContainEqual({ name: 'REDIS_CACHE_URL_FILE', value: '/run/secrets/redis-cache/url' });
    expect(variables).toContainEqual({ name: 'DATABASE_URL_FILE', value: '/run/secrets/postgres/url' });
    expect(field(deployment, `${CONTAINER}.volumeMounts`)).toEqual(
      expect.arrayContaining([
        { mountPath: '/run/secrets/redis', name: 'secret-redis', readOnly: true },
        { mountPath: '/run/secrets/postgres', name: 'secret-postgres', readOnly: true },
      ]),
    );
  });

  test('gets the keys of model providers as far as there are some, and starts without', () => {
    const files = ['DEEPSEEK_API_KEY', 'OPENAI_API_KEY'];

    for (const key of files)
      expect(field(deployment, `${CONTAINER}.env`)).toContainEqual({
        name: `${key}_FILE`,
        value: `/run/secrets/model-providers/${key}`,
      });
    expect(field(deployment, `${POD}.volumes`)).toContainEqual({
      name: 'secret-model-providers',
      secret: {
        secretName: 'model-providers',
        optional: true,
        defaultMode: 0o440,
        items: files.map((key) => ({ key, path: key })),
      },
    });
  });

  test('knows nothing of Redis when the stores are in memory', () => {
    const inMemory = requireObject(gateway('stores.backend=memory'), 'Deployment');

    expect(JSON.stringify(inMemory)).not.toMatch(/redis/i);
    expect(field(inMemory, `${CONTAINER}.env`)).toContainEqual({ name: 'CACHE_BACKEND', value: 'memory' });
  });
});
