import { Redis } from 'ioredis';
import { parse } from 'yaml';
import { RECORD_BACKUP } from '../../../infra/charts/postgres/backup-record.ts';
import { synthesize, type KubernetesObject } from '../../../infra/synth/index.ts';
import { createApiKey } from '../../../service/app/index.ts';
import { guardUrl, toBytes, type Service } from '../../../service/definition/index.ts';
import { findFreePort } from '../../../service/store/free-port.ts';
import { migrate } from '../../../service/store/migrate.ts';
import { startAlertmanager, type Alertmanager } from '../../alerts/alertmanager.ts';
import type { HttpSink } from '../../alerts/stand-ins.ts';
import { dataOf, requireObject } from '../../charts/render.ts';
import { openDatabase, sql, startPostgres } from '../../store/test-postgres.ts';
import { startExporter, type ExporterProps } from '../../support/exporter.ts';
import { startProgram, type GatewayProgram } from '../../support/program.ts';
import { startPrometheus, type TestPrometheus } from '../../support/prometheus.ts';
import { startRedis, type TestRedis } from '../../support/redis.ts';
import { startUpstreamProgram, type UpstreamProgram } from '../../support/upstream-program.ts';
import { startWatchingGuard } from './guard.ts';
import { onThisMachine, type GeneratedConfig } from './local-scrapes.ts';
import { startTraffic, type Traffic } from './traffic.ts';

/** A release that runs: its gateway, the upstream that it alone asks, and who asks it. */
export type Release = {
  readonly gateway: GatewayProgram;
  readonly traffic: Traffic;
  /** Has its upstream crash, and start again. */
  crashUpstream(): Promise<void>;
  restartUpstream(): void;
};

/** Everything that an environment with a monitoring of its own consists of, as programs of this machine. */
export type Stack = {
  readonly good: Release;
  readonly bad: Release;
  readonly prometheus: TestPrometheus;
  readonly alertmanager: Alertmanager;
  stop(): Promise<void>;
};

/** The hashes of the pod templates of the two releases. */
export const HASHES = { good: '5d4f7c9b8', bad: '6c8e2a1f7' } as const;

/**
 * Starts two releases of a definition, what they need, and what watches them with the files that synth generates. The
 * window of the bad one runs.
 */
export async function startStack(service: Service, told: HttpSink): Promise<Stack> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.toReversed()) await end();
  };
  try {
    const { manifests } = synthesize(service);
    const postgres = await startPostgres();
    stops.push(() => postgres.remove());
    const redis = { state: await startRedis(), cache: await startRedis() };
    stops.push(
      () => redis.state.stop(),
      () => redis.cache.stop(),
    );
    for (const role of ['state', 'cache'] as const) await bound(redis[role], service.stores.redis[role].memory);
    const { connectionString } = postgres;
    await migrate(connectionString, { log: () => undefined });
    await sql(connectionString, RECORD_BACKUP);
    const key = await keyIn(connectionString);

    const start = async (hash: string): Promise<Release> => {
      const port = await findFreePort();
      let upstream: UpstreamProgram = startUpstreamProgram(port);
      stops.push(() => upstream.stop());
      const gateway = await startProgram({
        definition: () => service,
        variables: {
          POD_TEMPLATE_HASH: hash,
          DATABASE_URL: connectionString,
          REDIS_URL: addressOf(redis.state),
          REDIS_CACHE_URL: addressOf(redis.cache),
          UPSTREAM_ORIGIN: `http://127.0.0.1:${port}`,
        },
      });
      stops.push(() => gateway.stop());
      const traffic = startTraffic(gateway, key);
      stops.push(() => traffic.stop());
      return {
        gateway,
        traffic,
        crashUpstream: () => upstream.stop('SIGKILL'),
        restartUpstream() {
          upstream = startUpstreamProgram(port);
        },
      };
    };
    const good = await start(HASHES.good);
    const bad = await start(HASHES.bad);

    const exporters = await startExporters(manifests, redis, connectionString);
    stops.push(
      ...exporters.map(
        ({ exporter }) =>
          () =>
            exporter.stop(),
      ),
    );
    const guard = await startWatchingGuard(HASHES.bad);
    stops.push(() => guard.stop());
    const alertmanager = await startAlertmanager(
      service,
      { 'guard/token': 'sesame-guard' },
      { [guardUrl(service.namespace)]: `${told.origin}/guard` },
    );
    stops.push(() => alertmanager.stop());
    const { config, rules } = generatedFor(manifests);
    const prometheus = await startPrometheus(
      onThisMachine(config, {
        targets: {
          'gateway-ops': [good, bad].map(({ gateway }) => `127.0.0.1:${gateway.opsPort}`),
          'guard-ops': [guard.address],
          ...Object.fromEntries(exporters.map(({ name, exporter }) => [name, [exporter.address]])),
        },
        asked: {
          'redis://redis:6379': `redis://127.0.0.1:${redis.state.port}`,
          'redis://redis-cache:6379': `redis://127.0.0.1:${redis.cache.port}`,
        },
        alertmanager: alertmanager.address,
      }),
      { files: { 'rules.yaml': rules } },
    );
    stops.push(() => prometheus.stop());
    return { good, bad, prometheus, alertmanager, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What the pod of a standalone Prometheus has mounted. */
function generatedFor(manifests: readonly KubernetesObject[]): { config: GeneratedConfig; rules: object } {
  const configMap = manifests.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('prometheus-config'),
  );
  if (!configMap) throw new Error('there is no configuration of Prometheus');
  return {
    config: parse(dataOf(configMap, 'prometheus.yaml')) as GeneratedConfig,
    rules: parse(dataOf(configMap, 'rules.yaml')) as object,
  };
}

async function startExporters(
  manifests: readonly KubernetesObject[],
  redis: Readonly<Record<'state' | 'cache', TestRedis>>,
  connectionString: string,
) {
  const { host, pathname, username, password } = new URL(connectionString);
  const queries = manifests.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('postgres-exporter-config'),
  );
  const passwords = Object.fromEntries(
    Object.values(redis).map((server) => [`redis://127.0.0.1:${server.port}`, server.password]),
  );
  const start = async ({ name, ...props }: Omit<ExporterProps, 'deployment'>) => ({
    name,
    exporter: await startExporter({ name, deployment: requireObject(manifests, 'Deployment', name), ...props }),
  });
  return [
    await start({
      name: 'redis-exporter',
      files: { '/run/secrets/redis-exporter/passwords.json': JSON.stringify(passwords) },
      addresses: {},
      // The account of its own is made by the pods of Redis; its rights are tried elsewhere.
      variables: { REDIS_USER: '' },
    }),
    await start({
      name: 'postgres-exporter',
      files: {
        '/run/secrets/postgres-exporter/password': decodeURIComponent(password),
        '/etc/postgres-exporter/queries.yaml': queries ? dataOf(queries, 'queries.yaml') : '',
      },
      addresses: { 'postgres:5432/sluice': host + pathname },
      variables: { DATA_SOURCE_USER: username },
    }),
  ];
}

/** What Redis is started with on a cluster, so that its exporter tells of what there is. */
async function bound(redis: TestRedis, memory: Service['stores']['redis']['state']['memory']): Promise<void> {
  const client = new Redis({ port: redis.port, password: redis.password });
  await client.config('SET', 'maxmemory', toBytes(memory));
  client.disconnect();
}

async function keyIn(connectionString: string): Promise<string> {
  const database = openDatabase(connectionString);
  try {
    return (await createApiKey(database, { owner: 'traffic', name: 'traffic', tier: 'enterprise' })).key;
  } finally {
    await database.close();
  }
}

function addressOf({ port, password }: TestRedis): string {
  return `redis://:${password}@127.0.0.1:${port}`;
}
