import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { RECORD_BACKUP } from '../../infra/charts/postgres/backup-record.ts';
import { POSTGRES_ACCOUNT } from '../../infra/charts/postgres/exporter-account.ts';
import { REDIS_ACCOUNT } from '../../infra/charts/redis/exporter-account.ts';
import { ExportersLayer } from '../../infra/charts/index.ts';
import { METRICS, type Metric } from '../../service/telemetry/catalogue.ts';
import { dataOf, environment, render, requireObject } from '../charts/render.ts';
import { startPostgres, type TestPostgres } from '../store/test-postgres.ts';
import { exportersMissing, startExporter, type TestExporter } from '../support/exporter.ts';
import { redisMissing, startRedis, type TestRedis } from '../support/redis.ts';

const PASSWORD = 'of-the-exporter';
const objects = render((app) => new ExportersLayer(app, environment('dev')));
const missing = exportersMissing() ?? redisMissing();
if (missing !== undefined) console.warn(`skipped: the real exporters: ${missing}`);

/** Metrics of the catalogue that an exporter must have. */
function metricsOf(exporter: Metric['exporter']): readonly Metric[] {
  return Object.values<Metric>(METRICS).filter((metric) => metric.exporter === exporter);
}

/** What a page has of a metric: its type, and the labels of its first series. */
function told(page: string, { name }: Metric) {
  const type = new RegExp(`^# TYPE ${name} (\\w+)$`, 'm').exec(page)?.[1];
  const series = new RegExp(`^${name}(?:\\{(.*)\\})? \\S+$`, 'm').exec(page);
  return { type, labels: series && [...(series[1] ?? '').matchAll(/(\w+)="/g)].map(([, label]) => label) };
}

function value(page: string, name: string): number {
  return Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec(page)?.[1]);
}

(missing === undefined ? describe : describe.skip)('the real exporter of Redis, as its account', () => {
  let redis: TestRedis;
  let exporter: TestExporter;
  let page = '';

  beforeAll(async () => {
    redis = await startRedis();
    const owner = new Redis({ port: redis.port, password: redis.password });
    const [, name = '', ...rules] = REDIS_ACCOUNT.replace(/">\$\(cat .*?\)"/, `>${PASSWORD}`).split(' ');
    await owner.call('ACL', 'SETUSER', name, ...rules);
    owner.disconnect();
    const address = `redis://127.0.0.1:${redis.port}`;
    exporter = await startExporter({
      name: 'redis-exporter',
      deployment: requireObject(objects, 'Deployment', 'redis-exporter'),
      files: { '/run/secrets/redis-exporter/passwords.json': JSON.stringify({ [address]: PASSWORD }) },
      addresses: {},
    });
    page = await exporter.page(`/scrape?target=${address}`);
  }, 60_000);
  afterAll(async () => {
    await exporter.stop();
    await redis.stop();
  });

  test.each(metricsOf('redis-exporter').map((metric) => [metric.name, metric] as const))('tells %s', (_, metric) => {
    // The scrape adds the label `store`.
    expect(told(page, metric)).toEqual({ type: metric.type, labels: metric.labels.filter((each) => each !== 'store') });
  });

  test('is let in', () => {
    expect(value(page, 'redis_up')).toBe(1);
  });

  test('says so when Redis is away, and still answers', async () => {
    const away = await exporter.page('/scrape?target=redis://127.0.0.1:1');
    expect(value(away, 'redis_up')).toBe(0);
  });

  test('sees no key and no setting', async () => {
    const account = new Redis({ port: redis.port, username: 'exporter', password: PASSWORD, enableReadyCheck: false });
    for (const [command, ...args] of [
      ['GET', 'session'],
      ['SCAN', '0'],
      ['CONFIG', 'GET', 'requirepass'],
      ['SLOWLOG', 'GET'],
      ['ACL', 'LIST'],
    ] as const)
      await expect(account.call(command, ...args)).rejects.toThrow('NOPERM');
    account.disconnect();
  });
});

(missing === undefined ? describe : describe.skip)('the real exporter of Postgres, as its account', () => {
  let postgres: TestPostgres;
  let exporter: TestExporter;
  let host = '';
  let page = '';

  beforeAll(async () => {
    postgres = await startPostgres();
    const { connectionString } = postgres;
    const owner = new Client({ connectionString });
    await owner.connect();
    // What psql does: reads the password, and puts it where the statement names it.
    await owner.query(POSTGRES_ACCOUNT.replace(/^\\set .*$/m, '').replace(":'password'", `'${PASSWORD}'`));
    await owner.query(RECORD_BACKUP);
    await owner.query('CREATE TABLE secrets (text text)');
    await owner.end();
    const { host: server, pathname } = new URL(connectionString);
    host = server + pathname;
    const queries = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('postgres-'));
    exporter = await startExporter({
      name: 'postgres-exporter',
      deployment: requireObject(objects, 'Deployment', 'postgres-exporter'),
      files: {
        '/run/secrets/postgres-exporter/password': PASSWORD,
        '/etc/postgres-exporter/queries.yaml': queries ? dataOf(queries, 'queries.yaml') : '',
      },
      addresses: { 'postgres:5432/sluice': host },
    });
    page = await exporter.page('/metrics');
  }, 120_000);
  afterAll(async () => {
    await exporter.stop();
    await postgres.remove();
  });

  test.each(metricsOf('postgres-exporter').map((metric) => [metric.name, metric] as const))('tells %s', (_, metric) => {
    expect(told(page, metric)).toEqual({ type: metric.type, labels: metric.labels });
  });

  test('is let in, and reads every query', () => {
    expect(value(page, 'pg_up')).toBe(1);
    expect(value(page, 'pg_exporter_last_scrape_error')).toBe(0);
  });

  test('tells when the last backup ended', () => {
    const age = Date.now() / 1000 - value(page, METRICS.backupFinished.name);
    expect(age).toBeGreaterThan(-2);
    expect(age).toBeLessThan(120);
  });

  test('sees no row of anybody', async () => {
    const account = new Client({ connectionString: `postgres://exporter:${PASSWORD}@${host}` });
    await account.connect();
    await expect(account.query('SELECT * FROM secrets')).rejects.toThrow('permission denied');
    await expect(account.query("UPDATE operations.backup SET finished_at = 'infinity'")).rejects.toThrow(
      'permission denied',
    );
    await account.end();
  });
});
