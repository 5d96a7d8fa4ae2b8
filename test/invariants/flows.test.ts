import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { COMPANIONS } from '../../alerts/rollback/index.ts';
import { flows } from '../../infra/charts/index.ts';
import { wrongFlows } from '../../infra/invariants/rules/flows.ts';
import { environmentNetwork, type EnvironmentNetwork } from '../../infra/invariants/network/environment-network.ts';
import { judge, type NetworkPolicy, type Pod } from '../../infra/network/index.ts';
import { synthesize, type KubernetesObject } from '../../infra/synth/index.ts';
import { definition, ENVIRONMENTS, withValues, type Service } from '../../service/definition/index.ts';

/** What programs make stands in no manifest: the guard, and where there are drills their keeper. */
const MADE: readonly string[] = [...Object.values(COMPANIONS), 'drill-proxy'];

type Spec = NetworkPolicy['spec'];
type Template = { readonly metadata: { readonly labels: Readonly<Record<string, string>> } };

const CLOUDNATIVEPG = [
  'datastores.postgres.kind=cloudnativepg',
  'datastores.postgres.image=ghcr.io/cloudnative-pg/postgresql:15.14',
];

/** The network of dev, with one policy changed, taken out (`undefined`) or added. */
function changed(name: string, change: (spec: Spec) => Spec | undefined, service = definition.dev): EnvironmentNetwork {
  const { pods, policies } = environmentNetwork(service);
  const known = policies.find(({ metadata }) => metadata.name === name);
  const spec = change(known?.spec ?? {});
  const rest = policies.filter((policy) => policy !== known);
  const metadata = { name, namespace: service.namespace };
  return { pods, policies: spec ? [...rest, { metadata, spec }] : rest };
}

/** What is wrong with a network of dev, one line for each finding. */
function told(network: EnvironmentNetwork, service: Service = definition.dev): string[] {
  return wrongFlows(service, network).map(({ path, problem }) => `${path}: ${problem}`);
}

/** Labels of the pods that an object makes. */
function podLabels({ kind, spec }: KubernetesObject): Readonly<Record<string, string>>[] {
  type Maker = {
    readonly template?: Template;
    readonly jobTemplate?: { readonly spec: { readonly template: Template } };
  };
  const { template, jobTemplate } = (spec ?? {}) as Maker;
  const found = kind === 'CronJob' ? jobTemplate?.spec.template : template;
  return found ? [found.metadata.labels] : [];
}

/** The pods that programs make, and those of manifests. */
function bySource({ pods }: EnvironmentNetwork) {
  const isMade = ({ pod }: EnvironmentNetwork['pods'][number]): boolean =>
    MADE.includes(pod.labels['app.kubernetes.io/instance'] ?? '');
  return [pods.filter(isMade), pods.filter((each) => !isMade(each))] as const;
}

function withoutVersion(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => key !== 'app.kubernetes.io/version'));
}

describe.each(ENVIRONMENTS)('in the synthesized %s', (name) => {
  const service = definition[name];
  const { manifests } = synthesize(service);
  const labels = manifests.flatMap(podLabels);
  const policies = manifests
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .map(({ metadata, spec }) => ({ metadata, spec }));
  const judged = environmentNetwork(service);

  test('the policies are those that are judged', () => {
    expect(policies).toHaveLength(judged.policies.length);
    expect(policies).toEqual(expect.arrayContaining([...judged.policies]));
  });

  test('the pods of every workload have the labels that are judged, beside their version', () => {
    const names = (list: readonly Readonly<Record<string, string>>[]): string[] =>
      [...new Set(list.map((each) => JSON.stringify(Object.entries(each).sort())))].sort();

    const [made, synthesized] = bySource(judged);

    expect(made.length).toBe(service.drills.enabled ? MADE.length : MADE.length - 1);
    expect(names(labels.map(withoutVersion))).toEqual(names(synthesized.map(({ pod }) => pod.labels)));
  });

  test('no policy looks at the version of a pod', () => {
    expect(JSON.stringify(policies)).not.toContain('app.kubernetes.io/version');
  });

  test('what is written passes, pod by pod with all of its labels', () => {
    const pods = judged.pods.flatMap(({ component, pod }) =>
      labels
        .filter((each) => each['app.kubernetes.io/name'] === component)
        .map((each) => ({ component, pod: { ...pod, labels: each } })),
    );

    expect(pods.length).toBeGreaterThanOrEqual(bySource(judged)[1].length);
    expect(wrongFlows(service, { pods, policies: policies as unknown as NetworkPolicy[] })).toEqual([]);
  });

  test('a declared flow between programs comes about, and the other way round only where that is one too', () => {
    const pod = (component: unknown): Pod | undefined => judged.pods.find((each) => each.component === component)?.pod;
    const inside = flows(service).flatMap(({ from, to, ports }) => {
      const [sender, receiver] = [pod(from), pod(to)];
      return sender && receiver ? ports.map((port) => ({ from: { pod: sender }, to: { pod: receiver }, port })) : [];
    });

    expect(inside.length).toBeGreaterThan(1);
    for (const connection of inside) {
      expect(judge(connection, judged)).toMatchObject({ allowed: true });
      const back = { from: connection.to, to: connection.from, port: connection.port };
      const allowed = inside.some((flow) => isDeepStrictEqual(flow, back));
      expect(judge(back, judged)).toMatchObject({ allowed });
    }
  });

  test('every pod resolves names and is probed by its node, and no pod asks for the credentials of the cloud', () => {
    const dns: Pod = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
    const passes = (connection: Parameters<typeof judge>[0]): boolean => judge(connection, judged).allowed;

    for (const { pod } of judged.pods) {
      expect(passes({ from: { pod }, to: { pod: dns }, protocol: 'UDP', port: 53 })).toBe(true);
      expect(passes({ from: { pod }, to: { pod: dns }, protocol: 'TCP', port: 53 })).toBe(true);
      expect(passes({ from: { node: 'own-node' }, to: { pod }, port: service.gateway.opsPort })).toBe(true);
      expect(passes({ from: { pod }, to: { address: '169.254.169.254' }, port: 80 })).toBe(false);
    }
  });
});

test.each<[what: string, settings: readonly string[]]>([
  ['a Redis of somebody else', ['stores.redis.kind=external']],
  ['one Redis for the state', ['stores.redis.kind=single']],
  ['Redis in more pods', ['stores.redis.replicas=5', 'stores.redis.sentinels=5']],
  ['no Redis', ['stores.backend=memory']],
  ['a Postgres of somebody else', ['datastores.postgres.kind=external', 'datastores.postgres.externalPort=6432']],
  ['a pooler of Postgres', ['datastores.postgres.pooler.replicas=2']],
  ['a Postgres of CloudNativePG', CLOUDNATIVEPG],
  ['a pooler before CloudNativePG', [...CLOUDNATIVEPG, 'datastores.postgres.pooler.replicas=2']],
  [
    'backups of CloudNativePG to a store of the same namespace',
    [
      ...CLOUDNATIVEPG,
      'datastores.postgres.cluster.objectStore.path=s3://backups/orders',
      'datastores.postgres.cluster.objectStore.endpoint=http://minio:9000',
      'datastores.postgres.cluster.objectStore.secret=backup-store',
      'datastores.postgres.cluster.objectStore.keep=14d',
    ],
  ],
  ['one port for all that listens', ['gateway.port=9464', 'gateway.opsPort=8080']],
  ['an upstream at an address', ['upstream.origin=http://198.51.100.7:8081']],
  ['an upstream at an address of IPv6', ['upstream.origin=http://[2001:db8::9]']],
  ['an upstream at port 53', ['upstream.origin=http://search.internal:53']],
  ['an upstream at the last port', ['upstream.origin=http://search.internal:65535']],
  [
    'an upstream at the metadata service, as who writes that address means it',
    ['upstream.origin=http://169.254.169.254'],
  ],
  ['an upstream of another namespace', ['upstream.origin=http://search.finding.svc:8081']],
  ['an upstream of kube-system', ['upstream.origin=http://search.kube-system.svc.cluster.local:8081']],
  ['an upstream of the same namespace', ['upstream.origin=http://search:8081']],
  ['no guard', ['release.guard.mode=off']],
  ['a guard that tells a receiver', ['release.guard.receiver=team']],
  ['a guard that asks a Prometheus elsewhere', ['monitoring.prometheusUrl=https://prometheus.example.com']],
  ['a guard where monitoring is our own', ['monitoring.kind=standalone']],
  ['the namespace of the name servers', ['namespace=kube-system']],
  ['the namespace of the monitoring', ['namespace=monitoring']],
])('the policies fit the flows with %s', (_, settings) => {
  expect(wrongFlows(withValues(definition.prod, settings))).toEqual([]);
});

test.each<[string, readonly string[]]>([
  ['an upstream of its own', []],
  ['an upstream of somebody else', ['upstream.deploy=false', 'upstream.origin=http://search.internal:8081']],
  ['a pooler of Postgres', ['datastores.postgres.pooler.replicas=2']],
  ['monitoring of its own', ['monitoring.kind=standalone']],
])('the policies fit the flows of what is drilled, with %s', (_, settings) => {
  expect(wrongFlows(withValues(definition.staging, settings))).toEqual([]);
});

describe.each([
  ['its own Prometheus', definition.dev],
  ['the one of the cluster', definition.prod],
] as const)('a guarded service with %s', (_, values) => {
  const service = withValues(values, ['release.guard.receiver=team']);
  const network = environmentNetwork(service);
  const labelled = (instance: string): Pod => {
    const found = network.pods.find(({ pod }) => pod.labels['app.kubernetes.io/instance'] === instance);
    if (!found) throw new Error(`no pod of ${instance}`);
    return found.pod;
  };
  const baseline = labelled('gateway-baseline');
  const withdrawn = labelled('gateway-withdrawn');
  const guard = labelled('guard');
  const gateway = labelled('gateway');
  const stranger = { address: '203.0.113.7' };
  const others: Pod = {
    namespace: 'monitoring',
    labels: { 'app.kubernetes.io/name': 'alertmanager', 'app.kubernetes.io/managed-by': 'prometheus-operator' },
  };
  const alertmanager = service.monitoring.kind === 'standalone' ? labelled('alertmanager') : others;
  const allows = (connection: Parameters<typeof judge>[0]): boolean => judge(connection, network).allowed;
  const passes = (from: Pod, to: Pod, port: number): boolean => allows({ from: { pod: from }, to: { pod: to }, port });

  test('the pod that is compared with has the flows of the others', () => {
    expect(passes(guard, baseline, 8080)).toBe(true);
    expect(passes(baseline, labelled('redis'), 6379)).toBe(true);
    expect(passes(baseline, labelled('postgres'), 5432)).toBe(true);
  });

  test('the pod of a withdrawn release reaches what it did, and is reached by who studies it alone', () => {
    expect(passes(withdrawn, labelled('redis'), 6379)).toBe(true);
    expect(passes(withdrawn, labelled('postgres'), 5432)).toBe(true);
    expect(passes(guard, withdrawn, 8080)).toBe(true);
    expect(allows({ from: stranger, to: { pod: withdrawn }, port: 8080 })).toBe(false);
    expect(passes(gateway, withdrawn, 8080)).toBe(false);
    expect(passes(guard, withdrawn, 9464)).toBe(false);
  });

  test('the guard takes alerts of Alertmanager, and of nobody else', () => {
    expect(passes(alertmanager, guard, 9465)).toBe(true);
    expect(passes(gateway, guard, 9465)).toBe(false);
    expect(passes({ namespace: 'monitoring', labels: {} }, guard, 9465)).toBe(false);
    expect(allows({ from: stranger, to: { pod: guard }, port: 9465 })).toBe(false);
  });

  test('the guard asks the API server, and no store', () => {
    expect(allows({ from: { pod: guard }, to: { address: '10.96.0.1' }, port: 443 })).toBe(true);
    expect(passes(guard, labelled('redis'), 6379)).toBe(false);
    expect(passes(guard, labelled('postgres'), 5432)).toBe(false);
  });
});

test('gateways alone ask the providers of models, each at its port', () => {
  const service = withValues(definition.prod, ['ai.providers.openai.baseUrl=http://models.internal:8000/v1']);
  const asked = flows(service).filter(({ to }) => typeof to === 'object' && /deepseek|models/.test(to.host));

  expect(asked.filter(({ from }) => from === 'gateway')).toEqual([
    { from: 'gateway', to: { host: 'models.internal' }, ports: [8000] },
    { from: 'gateway', to: { host: 'api.deepseek.com' }, ports: [443] },
  ]);
  // One that was taken back has its clients still.
  expect(new Set(asked.map(({ from }) => from))).toEqual(new Set(['gateway', 'gateway-withdrawn']));
});

test('nobody talks to a guard that is off', () => {
  const ends = flows(withValues(definition.dev, ['release.guard.mode=off'])).flatMap(({ from, to }) => [from, to]);
  expect(ends).not.toContain('guard');
  expect(ends).not.toContain('gateway-withdrawn');
});

describe.each([
  ['its own Prometheus', definition.dev],
  ['the one of the cluster', definition.staging],
] as const)('a service that is drilled, with %s', (_, values) => {
  const service = withValues(values, ['drills.enabled=true']);
  const network = environmentNetwork(service);
  const podOf = (component: string): Pod => {
    const found = network.pods.find((each) => each.component === component);
    if (!found) throw new Error(`no pod of ${component}`);
    return found.pod;
  };
  const passes = (from: string, to: string, port: number): boolean =>
    judge({ from: { pod: podOf(from) }, to: { pod: podOf(to) }, port }, network).allowed;
  const asks = (from: string, address: string, port: number): boolean =>
    judge({ from: { pod: podOf(from) }, to: { address }, port }, network).allowed;

  test('whoever speaks to a store that may be behind a fault proxy speaks to the proxy, and that to the store', () => {
    for (const [client, store, port] of [
      ['gateway', 'upstream', 8081],
      ['gateway-withdrawn', 'redis-cache', 6379],
      ['redis-exporter', 'redis-cache', 6379],
      ['postgres-backup', 'postgres', 5432],
      ['drill', 'postgres', 5432],
    ] as const) {
      expect([client, passes(client, 'drill-proxy', port)]).toEqual([client, true]);
      expect([store, passes('drill-proxy', store, port)]).toEqual([store, true]);
      expect([store, passes(store, 'drill-proxy', port)]).toEqual([store, false]);
    }
  });

  test('a fault proxy is told what to do by the keeper alone, and reaches nothing but stores', () => {
    expect(passes('drill-keeper', 'drill-proxy', 9467)).toBe(true);
    expect(passes('drill', 'drill-proxy', 9467)).toBe(false);
    expect(passes('gateway', 'drill-proxy', 9467)).toBe(false);
    expect(passes('drill-proxy', 'gateway', 8080)).toBe(false);
    expect(asks('drill-proxy', '10.96.0.1', 443)).toBe(false);
  });

  test('a drill loads the gateway, looks at it and asks its keeper; both ask the API server', () => {
    expect(passes('drill', 'gateway', 8080)).toBe(true);
    expect(passes('drill', 'gateway', 9464)).toBe(true);
    expect(passes('drill', 'drill-keeper', 9466)).toBe(true);
    expect(passes('drill', 'redis-cache', 6379)).toBe(false);
    expect(asks('drill', '10.96.0.1', 443)).toBe(true);
    expect(asks('drill-keeper', '10.96.0.1', 443)).toBe(true);
    expect(passes('drill-keeper', 'gateway', 8080)).toBe(false);
    expect(passes('gateway', 'drill-keeper', 9466)).toBe(false);
  });

  test('what is not drilled is as closed as ever', () => {
    const ends = flows(withValues(service, ['drills.enabled=false'])).flatMap(({ from, to }) => [from, to]);

    for (const component of ['drill', 'drill-keeper', 'drill-proxy']) expect(ends).not.toContain(component);
  });
});

test('no proxy stands in front of a store that is reached by the names of its pods, or that others run', () => {
  const toProxies = (...settings: string[]) =>
    flows(withValues(definition.staging, settings)).flatMap(({ from, to }) => (from === 'drill-proxy' ? [to] : []));

  expect(toProxies()).toEqual(['redis-cache', 'postgres', 'upstream']);
  expect(toProxies('stores.redis.kind=single')).toEqual(['redis', 'redis-cache', 'postgres', 'upstream']);
  expect(toProxies('stores.redis.kind=external', ...CLOUDNATIVEPG)).toEqual(['upstream']);
  expect(toProxies('upstream.deploy=false', 'upstream.origin=http://search.internal:8082')).toEqual([
    'redis-cache',
    'postgres',
    { host: 'search.internal' },
  ]);
});

describe('a policy that is wrong', () => {
  const database = { podSelector: { matchLabels: { 'app.kubernetes.io/name': 'postgres' } } };

  test.each<[what: string, network: EnvironmentNetwork, finding: string]>([
    [
      'lets nothing out where a flow is declared',
      changed('gateway', (spec) => ({
        ...spec,
        egress: spec.egress?.filter(({ ports }) => ports?.[0]?.port !== 5432) ?? [],
      })),
      'network.gateway.egress: gateway may not connect to postgres at TCP 5432, which is declared: ' +
        'none of NetworkPolicy default-deny, name-resolution, gateway allows it',
    ],
    [
      'lets nothing in where a flow is declared',
      changed('postgres', () => undefined),
      'network.postgres.ingress: postgres may not be reached by gateway* at TCP 5432, which is ' +
        'declared: none of NetworkPolicy default-deny allows it',
    ],
    [
      'allows another port of the same pair',
      changed('more', () => ({
        ...database,
        ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 22, protocol: 'UDP' }] }],
      })),
      'network.postgres.ingress: postgres may be reached by gateway, * at UDP 22, which no ' +
        'flow declares: NetworkPolicy more allows it',
    ],
    [
      'allows a range of ports, of which one is declared',
      changed('more', () => ({
        ...database,
        ingress: [{ from: [{ podSelector: database.podSelector }], ports: [{ port: 5000, endPort: 6000 }] }],
      })),
      'network.postgres.ingress: postgres may be reached by postgres at TCP 5000–6000, which no flow declares: ' +
        'NetworkPolicy more allows it',
    ],
    [
      'lets out everything',
      changed('open', () => ({ ...database, policyTypes: ['Egress'], egress: [{}] })),
      'at every port, which no flow declares: NetworkPolicy open allows it',
    ],
    [
      'asks any pod of kube-system for names',
      changed('name-resolution', (spec) => ({
        ...spec,
        egress: [
          {
            to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
            ports: [{ port: 53, protocol: 'UDP' }],
          },
        ],
      })),
      'network.postgres.egress: postgres may connect to a pod of kube-system that resolves no names at UDP 53, which ' +
        'no flow declares: NetworkPolicy name-resolution allows it',
    ],
    [
      'asks for names by UDP alone',
      changed('name-resolution', (spec) => ({
        ...spec,
        egress: spec.egress?.map(({ to = [] }) => ({ to, ports: [{ port: 53, protocol: 'UDP' as const }] })) ?? [],
      })),
      "network.gateway.egress: gateway may not connect to kube-dns, node-local-dns, the node's name server at TCP 53, " +
        'which is declared: none of NetworkPolicy default-deny, gateway, name-resolution allows it',
    ],
    [
      'lets in the programs of any other service',
      changed('more', () => ({
        ...database,
        ingress: [
          {
            from: [{ namespaceSelector: {}, podSelector: { matchLabels: { 'app.kubernetes.io/name': 'gateway' } } }],
            ports: [{ port: 5432 }],
          },
        ],
      })),
      'network.postgres.ingress: postgres may be reached by gateway of another namespace at TCP 5432, which no flow ' +
        'declares: NetworkPolicy more allows it',
    ],
    [
      'reaches the metadata service of the cloud',
      changed('more', () => ({
        ...database,
        policyTypes: ['Egress'],
        egress: [{ to: [{ ipBlock: { cidr: '169.254.0.0/16' } }], ports: [{ port: 80 }] }],
      })),
      'the metadata service of the cloud at TCP 80, which no flow declares: NetworkPolicy more allows it',
    ],
  ])('%s', (_, network, finding) => {
    // A star is what other programs may add to a list.
    const [start = '', end = ''] = finding.split('*');
    const fits = told(network).filter((line) => line.includes(start) && line.includes(end));

    expect(fits).toHaveLength(1);
  });

  test('is missing: what nothing isolates is open', () => {
    expect(told(changed('default-deny', () => undefined))).toContainEqual(
      expect.stringMatching(
        /^network\.migration\.ingress: migration may be reached by gateway, .+ at every port, which no flow declares: no NetworkPolicy isolates its ingress$/,
      ),
    );
  });

  test('is told with the change that mends it', () => {
    const [finding] = wrongFlows(
      definition.dev,
      changed('postgres', () => undefined),
    );

    expect(finding?.fixes).toEqual([
      { edit: 'allow TCP 5432 in the ingress of NetworkPolicy postgres (infra/charts/network/policies.ts)' },
    ]);
  });
});
