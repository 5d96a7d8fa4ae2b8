import { describe, expect, test } from '@jest/globals';
import {
  GatewayLayer,
  PostgresClusterLayer,
  PostgresPoolerLayer,
  flows,
  type Flow,
} from '../../../infra/charts/index.ts';
import { synthesize } from '../../../infra/synth/index.ts';
import type { Service } from '../../../service/definition/index.ts';
import { dataOf, environment, field, IMAGE, render, requireObject } from '../render.ts';

const CLUSTER = [
  'datastores.postgres.kind=cloudnativepg',
  'datastores.postgres.image=ghcr.io/cloudnative-pg/postgresql:15.14',
];
const POOLER = 'datastores.postgres.pooler.replicas=3';
const STORE = [
  'datastores.postgres.cluster.objectStore.path=s3://backups/orders',
  'datastores.postgres.cluster.objectStore.secret=backup-store',
  'datastores.postgres.cluster.objectStore.keep=14d',
];
const CONTAINER = 'spec.template.spec.containers.0';

/** What the container of the gateway is told of Postgres. */
function toldOf(service: Service): { readonly variables: Record<string, string>; readonly keys: string[] } {
  const deployment = requireObject(
    render((app) => new GatewayLayer(app, service, IMAGE)),
    'Deployment',
  );
  type Variable = { name: string; value: string };
  type Volume = { secret?: { secretName: string; items: { key: string }[] } };
  const variables = (field(deployment, `${CONTAINER}.env`) as Variable[]).filter(({ name }) =>
    name.startsWith('DATABASE'),
  );
  const volumes = field(deployment, 'spec.template.spec.volumes') as Volume[];
  return {
    variables: Object.fromEntries(variables.map(({ name, value }) => [name, value])),
    keys: volumes.flatMap(({ secret }) =>
      secret?.secretName.startsWith('postgres') ? secret.items.map(({ key }) => `${secret.secretName} ${key}`) : [],
    ),
  };
}

/** The flows of Postgres and of what stands in front of it. */
function flowsOf(service: Service): readonly Flow[] {
  const isPostgres = (end: unknown): boolean => typeof end === 'string' && /^postgres-(cluster|pooler)/.test(end);
  return flows(service).filter(({ from, to }) => isPostgres(from) || isPostgres(to));
}

function kinds(service: Service): string[] {
  const { manifests } = synthesize(service);
  return manifests
    .filter(({ metadata }) => metadata.name.startsWith('postgres'))
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

describe('a Postgres of others', () => {
  const service = environment('prod', 'datastores.postgres.kind=external', 'datastores.postgres.externalPort=6432');

  test('leaves nothing of Postgres to us: no pod, no volume, no backup', () => {
    expect(kinds(service)).toEqual([]);
  });

  test('is reached at its port, and by its address alone', () => {
    expect(flows(service)).toContainEqual({ from: 'gateway', to: 'outside', ports: [6432] });
    expect(toldOf(service)).toEqual({
      variables: { DATABASE_URL_FILE: '/run/secrets/postgres/url', DATABASE_TLS: 'system' },
      keys: ['postgres url'],
    });
  });

  test('shows a certificate of an authority that the Secret names', () => {
    expect(
      toldOf(environment('prod', 'datastores.postgres.kind=external', 'datastores.postgres.externalTls=secret')),
    ).toEqual({
      variables: { DATABASE_URL_FILE: '/run/secrets/postgres/url', DATABASE_TLS: '/run/secrets/postgres/ca.crt' },
      keys: ['postgres ca.crt', 'postgres url'],
    });
  });
});

describe('a Postgres of CloudNativePG', () => {
  const service = environment('prod', ...CLUSTER, 'datastores.postgres.maxConnections=130');
  const objects = render((app) => new PostgresClusterLayer(app, service));
  const cluster = requireObject(objects, 'Cluster');

  test('is configured by the definition', () => {
    expect(field(cluster, 'spec')).toMatchObject({
      instances: 3,
      imageName: 'ghcr.io/cloudnative-pg/postgresql:15.14',
      bootstrap: { initdb: { database: 'sluice', owner: 'sluice', secret: { name: 'postgres' } } },
      postgresql: { parameters: { max_connections: '130', shared_buffers: '128MB' } },
      storage: { size: '10Gi' },
      affinity: { enablePodAntiAffinity: true, topologyKey: 'topology.kubernetes.io/zone' },
      priorityClassName: 'sluice-datastore',
    });
  });

  test('takes the place of the pod and of its backups', () => {
    expect(kinds(service)).toEqual([
      'NetworkPolicy postgres-cluster',
      'Cluster postgres-cluster',
      'PodMonitor postgres-cluster',
    ]);
  });

  test('keeps what it answered on a replica too, and lets its only instance be drained', () => {
    const [alone] = render(
      (app) =>
        new PostgresClusterLayer(app, environment('prod', ...CLUSTER, 'datastores.postgres.cluster.instances=1')),
    );

    expect(field(cluster, 'spec.postgresql.synchronous')).toMatchObject({ number: 1, dataDurability: 'preferred' });
    expect(field(cluster, 'spec.enablePDB')).toBe(true);
    expect(field(alone, 'spec.postgresql.synchronous')).toBeUndefined();
    expect(field(alone, 'spec.enablePDB')).toBe(false);
  });

  test('is backed up where there is a place for that, and only there', () => {
    const stored = render((app) => new PostgresClusterLayer(app, environment('prod', ...CLUSTER, ...STORE)));

    expect(field(cluster, 'spec.backup')).toBeUndefined();
    expect(objects.some(({ kind }) => kind === 'ScheduledBackup')).toBe(false);
    // Six fields: the operator counts seconds.
    expect(field(requireObject(stored, 'ScheduledBackup'), 'spec.schedule')).toBe('0 0 3 * * *');
    expect(field(requireObject(stored, 'Cluster'), 'spec.backup')).toMatchObject({
      retentionPolicy: '14d',
      barmanObjectStore: {
        destinationPath: 's3://backups/orders',
        s3Credentials: { accessKeyId: { name: 'backup-store', key: 'ACCESS_KEY_ID' } },
      },
    });
  });

  test('shows a certificate of the authority that the operator made', () => {
    expect(toldOf(service)).toMatchObject({
      variables: { DATABASE_TLS: '/run/secrets/postgres-cluster-ca/ca.crt' },
      keys: ['postgres url', 'postgres-cluster-ca ca.crt'],
    });
  });

  test('talks to its operator, to itself, to the API server and to where its backups go', () => {
    const store = environment('prod', ...CLUSTER, ...STORE, 'datastores.postgres.cluster.operatorNamespace=databases');

    expect(flowsOf(store)).toEqual(
      expect.arrayContaining([
        { from: 'gateway', to: 'postgres-cluster', ports: [5432] },
        { from: { host: 'operator.databases.svc' }, to: 'postgres-cluster', ports: [5432, 8000] },
        { from: 'postgres-cluster', to: 'postgres-cluster', ports: [5432, 8000] },
        { from: 'postgres-cluster', to: { host: 'kubernetes.default.svc' }, ports: [443, 6443] },
        { from: 'postgres-cluster', to: 'outside', ports: [443] },
        { from: 'cluster-prometheus', to: 'postgres-cluster', ports: [9187] },
      ]),
    );
  });
});

describe('PgBouncer', () => {
  const service = environment(
    'prod',
    POOLER,
    'datastores.postgres.pooler.maxClientConnections=321',
    'datastores.postgres.pooler.connections.critical=7',
    'datastores.postgres.pooler.connections.background=3',
    'datastores.postgres.pooler.recycle=20s',
  );
  const objects = render((app) => new PostgresPoolerLayer(app, service));
  const deployment = requireObject(objects, 'Deployment');
  const config = dataOf(requireObject(objects, 'ConfigMap'), 'pgbouncer.ini');

  test('has connections of its own for each lane, lent by transaction', () => {
    expect(config).toContain('pool_mode = transaction\n');
    expect(config).toContain('max_client_conn = 321\n');
    expect(config).toMatch(/^sluice-critical = host=postgres port=5432 dbname=sluice pool_size=7 /m);
    expect(config).toMatch(/^sluice-background = host=postgres port=5432 dbname=sluice pool_size=3 /m);
  });

  test('sets the times that would be lost with the transaction in which a client set them', () => {
    expect(config.match(/connect_query='SET statement_timeout = 10000; /g)).toHaveLength(2);
    expect(config).toContain('ignore_startup_parameters = statement_timeout,idle_in_transaction_session_timeout,');
  });

  test('is in several pods, of which one is replaced or evicted at a time', () => {
    expect(field(deployment, 'spec.replicas')).toBe(3);
    expect(field(deployment, 'spec.strategy.rollingUpdate')).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(field(requireObject(objects, 'PodDisruptionBudget'), 'spec.maxUnavailable')).toBe(1);
  });

  test('writes its password to memory, and to no disk of the node', () => {
    expect(field(deployment, 'spec.template.spec.volumes')).toContainEqual({
      name: 'run',
      emptyDir: { medium: 'Memory', sizeLimit: '1Mi' },
    });
  });

  test('has its password in no argument, variable or ConfigMap', () => {
    expect(field(deployment, `${CONTAINER}.env`)).toBeUndefined();
    expect((field(deployment, `${CONTAINER}.command`) as string[]).join(' ')).toContain(
      'umask 077\nprintf \'"%s" "%s"\\n\' \'sluice\' "$(cat /run/secrets/postgres/password)"',
    );
    expect(config).not.toMatch(/password/i);
  });

  test('waits for its clients longer than they keep a connection and run a statement on it', () => {
    const script = (field(deployment, `${CONTAINER}.lifecycle.preStop.exec.command`) as string[]).join(' ');
    const grace = field(deployment, 'spec.template.spec.terminationGracePeriodSeconds');

    expect(script).toContain('left=30\n');
    // Our port as the kernel writes it.
    expect(script).toContain(':1538 ');
    expect(grace).toBe(45);
  });

  test('stands between the gateway and Postgres, whom migrations and backups still reach themselves', () => {
    expect(flowsOf(service)).toEqual(
      expect.arrayContaining([
        { from: 'gateway', to: 'postgres-pooler', ports: [5432] },
        { from: 'postgres-pooler', to: 'postgres', ports: [5432] },
      ]),
    );
    expect(flows(service)).toContainEqual({ from: 'postgres-backup', to: 'postgres', ports: [5432] });
    expect(toldOf(service).variables).toMatchObject({ DATABASE_POOLER: 'postgres-pooler:5432' });
    expect(toldOf(environment('prod')).variables).not.toHaveProperty('DATABASE_POOLER');
  });

  test('holds the certificate of CloudNativePG against its authority', () => {
    const before = render((app) => new PostgresPoolerLayer(app, environment('prod', ...CLUSTER, POOLER)));
    const text = dataOf(requireObject(before, 'ConfigMap'), 'pgbouncer.ini');

    expect(text).toContain('host=postgres-cluster-rw ');
    expect(text).toContain(
      'server_tls_sslmode = verify-full\nserver_tls_ca_file = /run/secrets/postgres-cluster-ca/ca.crt\n',
    );
  });
});
