import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { definition } from '../../service/definition/index.ts';
import { Environment } from './environment.ts';
import { buildImage } from './images.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { kubectl, list, type Pod } from './kubectl.ts';
import { poll } from './poll.ts';

const SCRAPED_MS = 60_000;

describeOnCluster('what watches the stores', () => {
  // With volumes, as everywhere but in dev: Prometheus and Alertmanager must be able to write to them.
  const environment = new Environment({
    values: [
      'monitoring.storage.kept=true',
      'monitoring.storage.prometheus=1Gi',
      'monitoring.storage.alertmanager=256Mi',
    ],
  });

  beforeAll(() => environment.install(buildImage('ca11ab1')), 300_000);
  afterAll(() => environment.remove());

  /** The values that a query has come to, by a label of theirs. */
  const valuesBy = async (label: string, query: string): Promise<Record<string, number>> => {
    const series = await environment.query(query);
    return Object.fromEntries(series.map(({ metric, value: [, value] }) => [metric[label] ?? '', Number(value)]));
  };

  test('runs under the restricted profile', async () => {
    const pods = await list<Pod>(environment.namespace, 'pods');
    const profile = '--output=jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}';

    expect(await kubectl(environment.namespace, ['get', 'namespace', environment.namespace, profile])).toBe(
      'restricted',
    );
    for (const exporter of ['redis-exporter', 'postgres-exporter'])
      expect(pods.filter(({ metadata }) => metadata.name.startsWith(exporter))).toHaveLength(1);
  });

  test('is scraped, and both stores answer it', async () => {
    await poll(SCRAPED_MS, async () => {
      expect(await valuesBy('store', 'up{job="redis-exporter"}')).toEqual({ redis: 1, 'redis-cache': 1 });
      expect(await valuesBy('job', 'up{job="postgres-exporter"}')).toEqual({ 'postgres-exporter': 1 });
      expect(await valuesBy('store', 'redis_up')).toEqual({ redis: 1, 'redis-cache': 1 });
      expect(await valuesBy('job', 'pg_up')).toEqual({ 'postgres-exporter': 1 });
      expect(await valuesBy('job', 'pg_settings_max_connections')).toEqual({
        'postgres-exporter': definition.dev.datastores.postgres.maxConnections,
      });
      expect(await valuesBy('store', 'redis_memory_max_bytes')).toEqual({ redis: 2 ** 26, 'redis-cache': 2 ** 26 });
    });
  }, 120_000);

  test('knows when the last backup ended', async () => {
    const before = Date.now() / 1000;
    await environment.runJob('postgres-backup');
    await poll(SCRAPED_MS, async () => {
      const { 'postgres-exporter': finished = 0 } = await valuesBy('job', 'postgres_backup_finished_timestamp_seconds');
      // The clocks of the cluster and of this machine may differ by a moment.
      expect(finished).toBeGreaterThan(before - 2);
    });
  }, 240_000);

  test('may see nothing else of Postgres', async () => {
    const may =
      "SELECT has_table_privilege('exporter', 'orders', 'SELECT'), rolsuper, rolcreatedb FROM pg_roles WHERE rolname = 'exporter'";
    expect((await environment.sql(may)).trim()).toBe('f|f|f');
  });

  test('tells of a store that is away', async () => {
    for (const name of ['redis-cache', 'postgres'])
      await kubectl(environment.namespace, ['scale', `statefulset/${name}`, '--replicas=0']);
    await poll(SCRAPED_MS, async () => {
      expect(await valuesBy('store', 'redis_up')).toEqual({ redis: 1, 'redis-cache': 0 });
      expect(await valuesBy('job', 'pg_up')).toEqual({ 'postgres-exporter': 0 });
      // One that cannot ask in time answers nothing, and nothing is told of its store.
      expect(await valuesBy('job', 'up{job="postgres-exporter"}')).toEqual({ 'postgres-exporter': 1 });
    });
    for (const name of ['redis-cache', 'postgres'])
      await kubectl(environment.namespace, ['scale', `statefulset/${name}`, '--replicas=1']);
    await poll(SCRAPED_MS, async () => {
      expect(await valuesBy('store', 'redis_up')).toEqual({ redis: 1, 'redis-cache': 1 });
      expect(await valuesBy('job', 'pg_up')).toEqual({ 'postgres-exporter': 1 });
    });
  }, 240_000);
});
