import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { preflight, PRECONDITIONS, requireRelease, QUARANTINE, type Preflight } from '../../infra/cluster/index.ts';
import { secretObjects, synthesize, type KubernetesObject } from '../../infra/synth/index.ts';
import { STORES } from '../../alerts/rollback/index.ts';
import { definition, withValues, type Service } from '../../service/definition/index.ts';
import { watchedByAll } from '../alerts/notified.ts';
import { startApiServer, type ApiServer, type ApiServerState } from '../support/api-server.ts';
import { PASSWORDS } from '../support/passwords.ts';

const DEV = withValues(definition.dev, ['namespace=shop', `image.digest=sha256:${'8c1f'.repeat(16)}`]);
const OPERATED = withValues(DEV, ['monitoring.kind=operator']);
const GATEWAY_API = withValues(definition.prod, ['namespace=shop']);
const CLUSTER_WIDE = ['Namespace', 'StorageClass', 'IngressClass', 'GatewayClass', 'ClusterIssuer', 'PriorityClass'];

// What they hold is not looked at.
const SECRETS = {
  ...PASSWORDS,
  grafanaPassword: 'x',
  redisUrl: 'redis://redis.example',
  redisCacheUrl: 'redis://redis.example',
  databaseUrl: 'postgres://postgres.example/x',
};

const synthesized = new Map<Service, readonly KubernetesObject[]>();

let state: ApiServerState;
let server: ApiServer;

beforeEach(async () => {
  state = {
    version: 'v1.34.1',
    kinds: [
      ...kindsOf(DEV, OPERATED, GATEWAY_API),
      'v1 ResourceQuota',
      'storage.k8s.io/v1 StorageClass*',
      'scheduling.k8s.io/v1 PriorityClass*',
      'networking.k8s.io/v1 Ingress',
      'networking.k8s.io/v1 IngressClass*',
      'gateway.networking.k8s.io/v1 GatewayClass*',
      'gateway.networking.k8s.io/v1 Gateway',
      'cert-manager.io/v1 Certificate',
      'cert-manager.io/v1 ClusterIssuer*',
      'metrics.k8s.io/v1beta1 PodMetrics',
    ].filter((kind, index, all) => all.indexOf(kind) === index),
    objects: [storageClass('standard', true)],
    allows: () => true,
    forbidden: undefined,
  };
  server = await startApiServer(() => state);
});
afterEach(() => server.close());

test('a cluster that has all there must be has no obstacle, and nothing is written', async () => {
  expect(await look()).toEqual({ findings: [], unknown: [] });
  const writes = server.asked.filter((each) => !/^GET |selfsubjectaccessreviews$/.test(each));
  expect(writes).toEqual([]);
});

describe('one obstacle each, with what is wrong and what mends it', () => {
  const label = (manager: string, part: string): Record<string, string> => ({
    'app.kubernetes.io/managed-by': manager,
    'app.kubernetes.io/part-of': part,
  });
  const rows: readonly (readonly [
    name: string,
    change: () => Partial<ApiServerState>,
    row: string,
    messages: readonly string[],
    service?: Service,
  ])[] = [
    ['an old cluster', () => ({ version: 'v1.27.3' }), 'version', ['runs Kubernetes v1.27.3, must be at least 1.30']],
    ['a cluster without a version', () => ({ version: '' }), 'version', ['of unknown version']],
    [
      'no Prometheus operator',
      () => ({ kinds: without(/monitoring\.coreos\.com/) }),
      'kinds',
      ['does not serve', 'of monitoring.coreos.com/v1', 'install the Prometheus operator'],
      OPERATED,
    ],
    [
      'no metrics-server',
      () => ({ kinds: without(/metrics\.k8s\.io/) }),
      'kinds',
      ['PodMetrics', 'install metrics-server'],
    ],
    [
      'a namespace of somebody else',
      () => ({ objects: [...state.objects, namespace(label('Helm', 'billing'))] }),
      'namespace',
      ["'shop' belongs to billing (managed by Helm), not to sluice (managed by sluice)", '--set namespace=NAME'],
    ],
    [
      'a namespace of another copy',
      () => ({ objects: [...state.objects, namespace(label('sluice', 'orders'))] }),
      'namespace',
      ["'shop' belongs to orders (managed by sluice)"],
    ],
    [
      'a namespace that nobody claims, with workloads in it',
      () => ({
        objects: [...state.objects, namespace({}), object('apps/v1', 'Deployment', 'billing', { namespace: 'shop' })],
      }),
      'namespace',
      ["'shop' is not ours and has Deployment billing of somebody else"],
    ],
    [
      'a namespace that is being deleted',
      () => ({
        objects: [...state.objects, { ...namespace(label('sluice', 'sluice')), status: { phase: 'Terminating' } }],
      }),
      'namespace',
      ["'shop' is being deleted", 'wait until it is gone'],
    ],
    [
      "the cluster's own namespace",
      () => ({}),
      'namespace',
      ["'kube-system' is the cluster's own"],
      withValues(DEV, ['namespace=kube-system']),
    ],
    [
      'a user who may read alone',
      () => ({ allows: (verb, { name }) => verb === 'get' || name !== 'deployments' }),
      'access',
      [
        "forbids this user in the namespace 'shop' to create, patch, delete deployments.apps",
        '{ apiGroups: ["apps"], resources: [deployments], verbs: [create, patch, delete] }',
      ],
    ],
    [
      'a user who may not make namespaces',
      () => ({ allows: (verb, { name }) => !(verb === 'create' && name === 'namespaces') }),
      'access',
      ['to create namespaces', 'ClusterRole, rules:'],
    ],
    [
      'no storage class',
      () => ({ objects: [] }),
      'storage',
      ['the cluster has no storage class', 'install a storage provisioner'],
    ],
    [
      'no default storage class',
      () => ({ objects: [storageClass('slow', false)] }),
      'storage',
      ['need a default storage class', 'only slow', 'kubectl annotate storageclass slow'],
    ],
    [
      'a quota that holds too few pods',
      () => ({ objects: [...state.objects, quota({ pods: '3' })] }),
      'quota',
      ["the quota 'team' in 'shop' would not hold all pods", 'pods ', ' of 3', 'scaling.max'],
    ],
    [
      'a quota that holds too little memory',
      () => ({ objects: [...state.objects, quota({ 'limits.memory': '1Gi', pods: '500' })] }),
      'quota',
      ['limits.memory ', 'Mi of 1Gi'],
    ],
    [
      'a quarantined release',
      () => ({ objects: [...state.objects, quarantine({ reason: 'P95 of 900 ms', at: '2026-01-02', by: 'guard' })] }),
      'quarantine',
      [
        'is quarantined since 2026-01-02 by guard: P95 of 900 ms',
        `sluice release allow ${releaseId()} --env dev --reason`,
        `patch configmap sluice-quarantine --type=json -p '[{"op":"remove","path":"/data/${releaseId()}"}]'`,
      ],
    ],
    [
      'a quarantine that cannot be read',
      () => ({ objects: [...state.objects, quarantine('by hand')] }),
      'quarantine',
      ['is quarantined since unknown by unknown: by hand'],
    ],
    [
      'a quarantine that would move the cursor of a terminal',
      () => ({ objects: [...state.objects, quarantine({ reason: 'a\u001b[2Jb', at: '2026-01-02', by: 'guard' })] }),
      'quarantine',
      ['by guard: a\\u001b[2Jb'],
    ],
    [
      'a frozen environment',
      () => ({ objects: [...state.objects, frozen({ until: Date.now() + 60_000, reason: 'a sale', by: 'ada' })] }),
      'freeze',
      [`dev is frozen until ${new Date().getUTCFullYear()}`, 'by ada: a sale', 'sluice release unfreeze --env dev'],
    ],
    [
      'a freeze that cannot be read',
      () => ({ objects: [...state.objects, frozen('by hand')] }),
      'freeze',
      ['dev is frozen until somebody ends it', 'sluice release unfreeze --env dev'],
    ],
  ];
  test.each(rows)('%s', async (_, change, row, messages, service = DEV) => {
    state = { ...state, ...change() };
    const { findings, unknown } = await look(service);
    expect(unknown).toEqual([]);
    expect(new Set(findings.map(({ precondition }) => precondition))).toEqual(new Set([row]));
    for (const message of messages) {
      expect(findings.map(({ problem, fix }) => `${problem}\n${fix}`).join('\n')).toContain(message);
    }
  });

  test('a release that the repository itself quarantines', async () => {
    const quarantined = { [releaseId()]: { reason: 'lost orders', at: '2026-01-02', by: 'ada' } };
    const { findings } = await preflight({
      objects: objectsOf(DEV),
      namespace: 'shop',
      environment: 'dev',
      quarantined,
      reader: server.reader,
    });
    expect(findings).toMatchObject([{ precondition: 'quarantine', problem: expect.stringContaining('lost orders') }]);
  });

  test('a freeze that has ended keeps nobody', async () => {
    state = { ...state, objects: [...state.objects, frozen({ until: Date.now() - 1, reason: 'a sale', by: 'ada' })] };
    expect(await look()).toEqual({ findings: [], unknown: [] });
  });

  test('every precondition has such a row', () => {
    const covered = new Set([...rows.map(([, , row]) => row), 'classes', 'secrets']);
    expect([...covered].sort()).toEqual(PRECONDITIONS.map(({ id }) => id).sort());
  });
});

describe('what objects name and the cluster does not have is refused:', () => {
  const rows: readonly (readonly [KubernetesObject, name: string])[] = [
    [object('networking.k8s.io/v1', 'Ingress', 'web', {}, { ingressClassName: 'nginx' }), "IngressClass 'nginx'"],
    [object('gateway.networking.k8s.io/v1', 'Gateway', 'web', {}, { gatewayClassName: 'eg' }), "GatewayClass 'eg'"],
    [
      object(
        'gateway.networking.k8s.io/v1',
        'HTTPRoute',
        'web',
        {},
        { parentRefs: [{ name: 'edge', namespace: 'net' }] },
      ),
      "Gateway 'edge' in net",
    ],
    [
      object('networking.k8s.io/v1', 'Ingress', 'web', { annotations: { 'cert-manager.io/cluster-issuer': 'le' } }),
      "ClusterIssuer 'le'",
    ],
    [
      object(
        'apps/v1',
        'Deployment',
        'web',
        {},
        { template: { spec: { containers: [], priorityClassName: 'urgent' } } },
      ),
      "PriorityClass 'urgent'",
    ],
  ];
  test.each(rows.map(([referring, name]) => [name, referring] as const))('%s', async (name, referring) => {
    const { findings } = await lookAt([...objectsOf(DEV), referring]);
    expect(findings).toMatchObject([
      { precondition: 'classes', problem: expect.stringContaining(`names the ${name}`) },
    ]);
  });

  test('an ingress class that is there is no obstacle', async () => {
    state = {
      ...state,
      objects: [...state.objects, object('networking.k8s.io/v1', 'IngressClass', 'nginx', { namespace: undefined })],
    };
    const ingress = object('networking.k8s.io/v1', 'Ingress', 'web', {}, { ingressClassName: 'nginx' });
    expect((await lookAt([...objectsOf(DEV), ingress])).findings).toEqual([]);
  });

  test('cert-manager is needed by whoever names an issuer', async () => {
    state = { ...state, kinds: without(/cert-manager/) };
    const ingress = object('networking.k8s.io/v1', 'Ingress', 'web', {
      annotations: { 'cert-manager.io/cluster-issuer': 'le' },
    });
    const { findings } = await lookAt([...objectsOf(DEV), ingress]);
    expect(findings).toMatchObject([{ precondition: 'kinds', fix: expect.stringContaining('install cert-manager') }]);
  });
});

test('a priority class is told once for all who name it, with what brings it and how to do without', async () => {
  const named = objectsOf(withValues(DEV, ['priorityClass=platform']));
  const { findings } = await lookAt(named);
  const classes = findings.map(({ problem }) => /name(?:s)? the PriorityClass '([^']+)'/.exec(problem)?.[1]);
  expect(classes).toContain('sluice-gateway');
  expect(new Set(classes).size).toBe(findings.length);
  expect(findings.find(({ problem }) => problem.includes('StatefulSet postgres'))?.problem).toMatch(/, .* name the /);
  for (const { fix } of findings) {
    expect(fix).toBe('bring up the platform, with its part priority-classes, or deploy with --set priorityClass=none');
  }
});

describe('a Secret that pods name', () => {
  const EXTERNAL = withValues(DEV, ['stores.redis.kind=external']);
  const known = objectsOf(EXTERNAL);
  const without = known.filter(({ kind, metadata }) => kind !== 'Secret' || metadata.name !== 'redis');

  test('and that neither the plan nor the cluster has is told with the commands that make it', async () => {
    const { findings } = await lookAt(without);
    expect(findings).toEqual([
      {
        precondition: 'secrets',
        problem:
          "Deployment gateway needs the Secret 'redis', which the stack does not make and the namespace 'shop' does not have",
        fix: 'have it made: pulumi config set --secret redisUrl; or make it: kubectl create namespace shop && kubectl --namespace=shop create secret generic redis --from-literal=url=...',
      },
    ]);
  });

  test('is no obstacle where somebody made it', async () => {
    state = { ...state, objects: [...state.objects, object('v1', 'Secret', 'redis')] };
    expect((await lookAt(without)).findings).toEqual([]);
  });

  test('is an obstacle where it lacks a key that they name, with the command that adds it', async () => {
    const secret = { ...object('v1', 'Secret', 'redis'), data: { password: 'eA==' } };
    state = { ...state, objects: [...state.objects, secret] };
    expect((await lookAt(without)).findings).toEqual([
      {
        precondition: 'secrets',
        problem: "Deployment gateway needs of the Secret 'redis' in 'shop' url, which it does not have",
        fix: `add what is missing: kubectl --namespace=shop patch secret redis --patch '{"stringData":{"url":"..."}}'`,
      },
    ]);
  });

  test('is no obstacle where they start without it', async () => {
    const volumes = [{ secret: { secretName: 'extra', optional: true } }];
    const pods = object('apps/v1', 'Deployment', 'web', {}, { template: { spec: { containers: [], volumes } } });
    expect((await lookAt([...known, pods])).findings).toEqual([]);
  });

  test.each([
    [
      'a variable',
      { env: [{ valueFrom: { secretKeyRef: { name: 'extra', key: 'token' } } }] },
      ' --from-literal=token=...',
    ],
    ['every key as a variable', { envFrom: [{ secretRef: { name: 'extra' } }] }, ''],
    ['a projected volume', { volumes: [{ projected: { sources: [{ secret: { name: 'extra' } }] } }] }, ''],
  ])('is found in %s', async (_, spec, keys) => {
    const { findings } = await lookAt([
      ...known,
      object('apps/v1', 'Deployment', 'web', {}, { template: { spec: { containers: [{}], ...spec } } }),
    ]);
    expect(findings).toMatchObject([{ fix: expect.stringMatching(`create secret generic extra${keys}$`) }]);
  });

  test.each([
    ['standalone', 'Deployment alertmanager needs'],
    ['operator', 'AlertmanagerConfig gateway needs'],
  ])('is found where a receiver of alerts needs it, with monitoring of kind %s', async (kind, needs) => {
    const service = watchedByAll('dev', 'namespace=shop', `monitoring.kind=${kind}`);
    const { findings } = await lookAt(objectsOf(service));

    expect(findings.map(({ problem }) => problem.split(',')[0])).toEqual(
      ['chat', 'dead-man', 'mail', 'pager'].map((name) => `${needs} the Secret '${name}'`),
    );
    expect(findings.at(-1)?.fix).toMatch(
      /secret generic pager --from-literal=routing-key=... --from-literal=token=...$/,
    );
  });
});

test('several obstacles are told at once', async () => {
  state = { ...state, version: 'v1.20.0', objects: [quota({ pods: '1' })] };
  expect((await look()).findings.map(({ precondition }) => precondition)).toEqual(['version', 'storage', 'quota']);
});

test('what belongs to this very environment is no obstacle: its namespace, and its own quota', async () => {
  const own = objectsOf(DEV).filter(({ kind }) => kind === 'Namespace' || kind === 'ResourceQuota');
  state = { ...state, objects: [...state.objects, ...own] };
  expect((await look()).findings).toEqual([]);
});

test('what RBAC hides is said to be unknown, and refuses nothing', async () => {
  state = { ...state, forbidden: /storageclasses/ };
  const { findings, unknown } = await look();
  expect(findings).toEqual([]);
  expect(unknown).toEqual([
    { precondition: 'storage', reason: expect.stringContaining('forbidden by RBAC to list StorageClass') },
  ]);
});

test('a cluster that does not answer is told once', async () => {
  await server.close();
  await expect(look()).rejects.toMatchObject({ name: 'ClusterError', problem: 'unreachable' });
  server = await startApiServer(() => state);
});

function look(service: Service = DEV): Promise<Preflight> {
  return lookAt(objectsOf(service), service.namespace);
}

function lookAt(objects: readonly KubernetesObject[], space = 'shop'): Promise<Preflight> {
  return preflight({ objects, namespace: space, environment: 'dev', reader: server.reader });
}

function objectsOf(service: Service): readonly KubernetesObject[] {
  const known = synthesized.get(service) ?? [...synthesize(service).manifests, ...secretObjects(service, SECRETS)];
  synthesized.set(service, known);
  return known;
}

function kindsOf(...services: readonly Service[]): readonly string[] {
  return services.flatMap(objectsOf).map(({ apiVersion, kind }) => {
    return `${apiVersion} ${kind}${CLUSTER_WIDE.includes(kind) ? '*' : ''}`;
  });
}

function without(pattern: RegExp): readonly string[] {
  return state.kinds.filter((kind) => !pattern.test(kind));
}

function object(
  apiVersion: string,
  kind: string,
  name: string,
  metadata: object = {},
  spec: object = {},
): KubernetesObject {
  const merged = { name, namespace: 'shop', ...metadata } as KubernetesObject['metadata'];
  return { apiVersion, kind, metadata: merged, spec };
}

function namespace(labels: Record<string, string>): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels } };
}

function storageClass(name: string, isDefault: boolean): KubernetesObject {
  const annotations = { 'storageclass.kubernetes.io/is-default-class': String(isDefault) };
  return { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name, annotations } };
}

function quota(hard: Record<string, string>): KubernetesObject {
  return object('v1', 'ResourceQuota', 'team', {}, { hard });
}

function releaseId(): string {
  return requireRelease(objectsOf(DEV)).id;
}

function quarantine(record: object | string): KubernetesObject {
  const text = typeof record === 'string' ? record : JSON.stringify(record);
  return { ...object('v1', 'ConfigMap', QUARANTINE), data: { [releaseId()]: text } };
}

function frozen(freeze: object | string): KubernetesObject {
  const text = typeof freeze === 'string' ? freeze : JSON.stringify(freeze);
  return { ...object('v1', 'ConfigMap', STORES.guard), data: { freeze: text } };
}
