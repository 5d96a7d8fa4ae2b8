import { DRILL } from '../../chaos/drill/cluster/names.ts';
import type { Service } from '../../service/definition/index.ts';
import type { Image } from './images.ts';

const RESTRICTED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
};
const SMALL = { requests: { cpu: '20m', memory: '64Mi' }, limits: { cpu: '1', memory: '192Mi' } };

/** The configuration that the plain gateway is deployed with. */
export const GOOD_CONFIGURATION = 'gateway-config-0123456789';
/** The password of the plain Redis. */
export const REDIS_PASSWORD = 'a-password-of-a-test';

type Container = Readonly<Record<string, unknown>> & { readonly image: string };

/** What the manifests bring for drills: records, accounts, the key, and the keeper's Deployment, here without a pod. */
export function namespaceObjects(image: Image, key: string): readonly object[] {
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: DRILL.journal } },
    { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: DRILL.lease } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'drill-proxy' } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'sluice-drill' }, stringData: { drillKey: key } },
    deployment(DRILL.keeper, 0, 10_001, { image: nameOf(image), command: ['node'] }),
  ];
}

/** A Redis of one of the names that drills know, its Service and the Secret with its address. */
export function redis(name: 'redis' | 'redis-cache'): readonly object[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name },
      stringData: { url: `redis://:${REDIS_PASSWORD}@${name}:6379` },
    },
    service(name, 6379),
    deployment(name, 1, 999, {
      image: 'redis:7-bookworm',
      command: ['redis-server', '--requirepass', REDIS_PASSWORD, '--save', ''],
      readinessProbe: { tcpSocket: { port: 6379 }, periodSeconds: 1 },
    }),
  ];
}

/** The sample upstream and its Service. */
export function upstream(image: Image): readonly object[] {
  return [
    service('upstream', 8090),
    deployment('upstream', 1, 10_001, {
      image: nameOf(image),
      command: ['node', 'service/upstream/main.ts'],
      env: [{ name: 'PORT', value: '8090' }],
      // As the real one: its address is gone from every table before its port is closed.
      lifecycle: { preStop: { sleep: { seconds: 2 } } },
      readinessProbe: { httpGet: { path: '/readyz', port: 8090 }, periodSeconds: 1 },
    }),
  ];
}

/** Two pods that are called the gateway's, with the configuration of an environment and a disruption budget. */
export function gateway(values: Service): readonly object[] {
  const labels = labelsOf('gateway');
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: GOOD_CONFIGURATION, labels: { part: 'release' } },
      immutable: true,
      data: { 'service.json': JSON.stringify(values) },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'gateway' },
      spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
    },
    deployment(
      'gateway',
      2,
      10_001,
      {
        image: 'node:24-bookworm-slim',
        command: ['node', '-e', "require('node:http').createServer((_, r) => r.end()).listen(8080)"],
        readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
        volumeMounts: [{ name: 'config', mountPath: '/etc/sluice' }],
      },
      [{ name: 'config', configMap: { name: GOOD_CONFIGURATION } }],
    ),
  ];
}

function deployment(
  name: string,
  replicas: number,
  user: number,
  container: Container,
  volumes: readonly object[] = [],
) {
  const labels = labelsOf(name);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: { ...labels, 'app.kubernetes.io/part-of': 'sluice' } },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 3,
          automountServiceAccountToken: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: user,
            runAsGroup: user,
            fsGroup: user,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [{ name, resources: SMALL, securityContext: RESTRICTED, ...container }],
          volumes,
        },
      },
    },
  };
}

function service(name: string, port: number) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: labelsOf(name), ports: [{ port, targetPort: port }] },
  };
}

function labelsOf(name: string) {
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': name };
}

function nameOf({ repository, digest }: Image): string {
  return `${repository}@${digest}`;
}
