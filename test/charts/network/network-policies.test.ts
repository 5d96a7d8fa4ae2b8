import { describe, expect, test } from '@jest/globals';
import { flows, NetworkPolicies } from '../../../infra/charts/index.ts';
import type { EnvironmentName } from '../../../service/definition/index.ts';
import { environment, field, render, requireObject } from '../render.ts';

function policies(name: EnvironmentName, ...settings: string[]) {
  const service = environment(name, ...settings);
  return render((app) => new NetworkPolicies(app, service, flows(service)));
}

const port = (number: number) => ({ port: number, protocol: 'TCP' });

const namespaced = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });

/** Every address but those that only this machine and its cloud answer at, and the pods of other namespaces. */
const ANYWHERE = [
  { ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16', '168.63.129.16/32', '100.100.100.200/32'] } },
  { ipBlock: { cidr: '::/0', except: ['fd00:ec2::254/128', 'fd20:ce::254/128', 'fe80::/10'] } },
  { namespaceSelector: { matchExpressions: [expect.objectContaining({ operator: 'NotIn' })] } },
];

const GUARD = { 'app.kubernetes.io/name': 'guard', 'app.kubernetes.io/instance': 'guard' };

describe('the network', () => {
  test('denies everything to every pod', () => {
    expect(field(requireObject(policies('prod'), 'NetworkPolicy', 'default-deny'), 'spec')).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    });
  });

  test('lets every pod ask the name servers of the cluster by UDP and TCP', () => {
    const spec = field(requireObject(policies('prod'), 'NetworkPolicy', 'name-resolution'), 'spec');

    expect(spec).toEqual({
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [
        {
          to: [
            {
              ...namespaced('kube-system'),
              podSelector: {
                matchExpressions: [{ key: 'k8s-app', operator: 'In', values: ['kube-dns', 'node-local-dns'] }],
              },
            },
            { ipBlock: { cidr: '169.254.20.10/32' } },
          ],
          ports: [{ port: 53, protocol: 'UDP' }, port(53)],
        },
      ],
    });
  });

  test('the collector of traces is reached by those who trace alone, and by nobody where there is none', () => {
    const opened = (name: 'prod' | 'staging', ...settings: string[]) => {
      const service = environment(name, ...settings);
      const before = flows(environment(name));
      const known = new Set(before.map((flow) => JSON.stringify(flow)));
      return flows(service).filter((flow) => !known.has(JSON.stringify(flow)));
    };
    expect(opened('prod')).toEqual([]);
    const to = { host: 'collector.observability.svc' };
    const collector = 'telemetry.traces.collector=https://collector.observability.svc';
    const traced = (...names: string[]) => names.map((from) => ({ from, to, ports: [443] }));
    expect(opened('prod', collector)).toEqual(traced('gateway', 'gateway-withdrawn'));
    expect(opened('staging', collector)).toEqual(traced('gateway', 'upstream', 'gateway-withdrawn'));
    const objects = policies('prod', 'telemetry.traces.collector=http://collector.observability.svc:4318');
    const { egress } = field(requireObject(objects, 'NetworkPolicy', 'gateway'), 'spec') as { egress: unknown[] };
    expect(egress).toContainEqual({ to: [namespaced('observability')], ports: [port(4318)] });
  });

  test('a deployed upstream is reached by gateways alone, also by the pod of a withdrawn release, and by fault proxies', () => {
    const objects = policies('staging', 'upstream.port=8085');

    expect(field(requireObject(objects, 'NetworkPolicy', 'upstream'), 'spec')).toMatchObject({
      policyTypes: ['Ingress'],
      ingress: ['gateway', 'drill-proxy', 'gateway-withdrawn'].map((name) => ({
        from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': name } } }],
        ports: [port(8085)],
      })),
    });
  });

  test.each<[where: string, origin: string, peers: unknown]>([
    ['at its address', 'http://198.51.100.7:8081', [{ ipBlock: { cidr: '198.51.100.7/32' } }]],
    ['at its address of IPv6', 'http://[2001:db8::7]:8081', [{ ipBlock: { cidr: '2001:db8::7/128' } }]],
    ['in the namespace of its Service', 'http://search.finding.svc.cluster.local:8081', [namespaced('finding')]],
    ['in the namespace of its Service, in short', 'http://search.finding.svc:8081', [namespaced('finding')]],
    ['in the same namespace', 'http://search:8081', [namespaced('sluice-prod')]],
    ['in the same namespace by its name', 'http://search.sluice-prod:8081', [namespaced('sluice-prod')]],
    ['as the API server is, which is no pod', 'http://kubernetes.default.svc:8081', ANYWHERE],
    ['wherever its name leads', 'http://search.internal:8081', ANYWHERE],
  ])('an upstream outside is reached %s', (_, origin, peers) => {
    const objects = policies('prod', `upstream.origin=${origin}`);
    const egress = field(requireObject(objects, 'NetworkPolicy', 'gateway'), 'spec.egress');

    expect(egress).toContainEqual({ to: peers, ports: [port(8081)] });
    expect(objects.map(({ metadata }) => metadata.name)).not.toContain('upstream');
  });

  test('where there is a balancer in the cluster, its namespace alone reaches the public port', () => {
    const first = (...settings: string[]) =>
      field(requireObject(policies('prod', ...settings), 'NetworkPolicy', 'gateway'), 'spec.ingress.0');

    expect(first()).toEqual({
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'envoy-gateway-system' } } }],
      ports: [port(8080)],
    });
    expect(first('ingress.kind=none')).toEqual({ ports: [port(8080)] });
  });

  test('anyone reaches the public port without one, the guard too, and the Prometheus of the cluster the ops port', () => {
    const ingress = field(
      requireObject(policies('prod', 'ingress.kind=none'), 'NetworkPolicy', 'gateway'),
      'spec.ingress',
    );

    expect(ingress).toEqual([
      { ports: [port(8080)] },
      {
        from: [
          {
            namespaceSelector: {},
            podSelector: {
              matchLabels: {
                'app.kubernetes.io/managed-by': 'prometheus-operator',
                'app.kubernetes.io/name': 'prometheus',
              },
            },
          },
        ],
        ports: [port(9464)],
      },
      // Said also where anyone may come, so that it stays when a balancer comes.
      { from: [{ podSelector: { matchLabels: GUARD } }], ports: [port(8080)] },
    ]);
  });

  test('Redis is reached only where it is used', () => {
    const names = policies('prod', 'stores.backend=memory').map(({ metadata }) => metadata.name);

    expect(names).not.toContain('redis');
    expect(names).not.toContain('redis-cache');
    expect(names).toContain('postgres');
  });

  test('Redis is reached by gateways and its exporter alone, in each role, and wherever others run it at its port', () => {
    const [state, cache] = ['redis', 'redis-cache'].map((name) =>
      field(requireObject(policies('dev'), 'NetworkPolicy', name), 'spec.ingress'),
    );
    const byGatewaysAndExporter = ['gateway', 'redis-exporter', 'gateway-withdrawn'].map((name) => ({
      from: [{ podSelector: { matchLabels: expect.objectContaining({ 'app.kubernetes.io/name': name }) } }],
      ports: [port(6379)],
    }));
    expect(state).toEqual(byGatewaysAndExporter);
    expect(cache).toEqual(byGatewaysAndExporter);

    const external = policies('prod', 'stores.redis.kind=external', 'stores.redis.externalPort=6380');
    const egress = field(requireObject(external, 'NetworkPolicy', 'gateway'), 'spec.egress');
    expect(external.map(({ metadata }) => metadata.name)).not.toContain('redis');
    expect(egress).toContainEqual({ to: ANYWHERE, ports: [port(6380)] });
    expect(JSON.stringify(egress)).not.toContain('6379');
    const group = policies('prod', 'stores.redis.kind=external', 'stores.redis.externalSentinelPort=26379');
    expect(field(requireObject(group, 'NetworkPolicy', 'gateway'), 'spec.egress')).toContainEqual({
      to: ANYWHERE,
      ports: [port(6379), port(26379)],
    });
  });

  test.each([
    ['redis', 6379, ['gateway', 'gateway-withdrawn', 'redis', 'redis-exporter', 'redis-sentinel']],
    ['redis-sentinel', 26379, ['gateway', 'gateway-withdrawn', 'redis', 'redis-sentinel']],
  ] as const)('with the state in several pods %s is reached at %d by %j alone', (name, number, clients) => {
    const rules = field(requireObject(policies('prod'), 'NetworkPolicy', name), 'spec.ingress') as { from: object[] }[];
    const names = rules.flatMap(({ from }) =>
      from
        .map((peer) => field(peer, 'podSelector.matchLabels'))
        .map((labels) => (labels as Readonly<Record<string, string>>)['app.kubernetes.io/name'] ?? ''),
    );

    expect(names.sort()).toEqual(clients);
    for (const rule of rules) expect(rule).toMatchObject({ ports: [port(number)] });
  });

  test.each([
    ['http://pager.internal/alerts', 80],
    ['https://pager.internal/alerts', 443],
    ['http://pager.internal:9000/alerts', 9000],
  ])('Alertmanager may talk to %s at port %d, to the guard and to nothing else', (receiver, number) => {
    const objects = policies('dev', `monitoring.receivers.team.webhook.url=${receiver}`);

    expect(field(requireObject(objects, 'NetworkPolicy', 'alertmanager'), 'spec.egress')).toEqual([
      { to: ANYWHERE, ports: [port(number)] },
      { to: [{ podSelector: { matchLabels: GUARD } }], ports: [port(9465)] },
    ]);
  });

  test('an exporter is reached by the Prometheus of the environment or of the cluster, and asks its store alone', () => {
    const spec = (name: EnvironmentName, exporter: string) =>
      field(requireObject(policies(name), 'NetworkPolicy', exporter), 'spec') as Record<string, object[]>;

    expect(spec('dev', 'redis-exporter').ingress).toMatchObject([
      { from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } } }], ports: [port(9121)] },
    ]);
    expect(spec('prod', 'postgres-exporter').ingress).toMatchObject([
      { from: [{ namespaceSelector: {} }], ports: [port(9187)] },
    ]);
    expect(spec('prod', 'postgres-exporter').egress).toMatchObject([
      { to: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'postgres' } } }], ports: [port(5432)] },
    ]);
    const names = policies('prod', 'stores.redis.kind=external').map(({ metadata }) => metadata.name);
    expect(names).not.toContain('redis-exporter');
  });
});
