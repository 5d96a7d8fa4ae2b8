import { describe, expect, test } from '@jest/globals';
import { ExportersLayer, PostgresLayer, RedisLayer } from '../../../infra/charts/index.ts';
import { dataOf, environment, field, render, requireObject } from '../render.ts';

const CONTAINER = 'spec.template.spec.containers.0';

describe('exporters', () => {
  const service = environment('prod', 'monitoring.exporters.redis.command=/usr/bin/prometheus-redis-exporter');
  const objects = render((app) => new ExportersLayer(app, service));
  const redis = requireObject(objects, 'Deployment', 'redis-exporter');
  const postgres = requireObject(objects, 'Deployment', 'postgres-exporter');

  test('run the program that the definition names', () => {
    expect(field(redis, `${CONTAINER}.command`)).toEqual(['/usr/bin/prometheus-redis-exporter']);
    expect(field(postgres, `${CONTAINER}.command`)).toEqual(['/bin/postgres_exporter']);
  });

  test('log in as their own account by a password from a file, in no argument and no variable', () => {
    expect(field(redis, `${CONTAINER}.env`)).toEqual([{ name: 'REDIS_USER', value: 'exporter' }]);
    expect(field(redis, `${CONTAINER}.args`)).toContain(
      '--redis.password-file=/run/secrets/redis-exporter/passwords.json',
    );
    expect(field(postgres, `${CONTAINER}.env`)).toEqual(
      expect.arrayContaining([
        { name: 'DATA_SOURCE_USER', value: 'exporter' },
        { name: 'DATA_SOURCE_PASS_FILE', value: '/run/secrets/postgres-exporter/password' },
      ]),
    );
  });

  test.each([redis, postgres])('see no Secret but their own', (deployment) => {
    const volumes = field(deployment, 'spec.template.spec.volumes') as { secret?: { secretName: string } }[];
    const secrets = volumes.flatMap(({ secret }) => (secret ? [secret.secretName] : []));

    expect(secrets).toEqual([deployment.metadata.name]);
  });

  test('are there for stores that the environment runs, and for no others', () => {
    const external = environment('prod', 'stores.redis.kind=external');
    const names = render((app) => new ExportersLayer(app, external)).map(({ metadata }) => metadata.name);

    expect(names).toContain('postgres-exporter');
    expect(names).not.toContain('redis-exporter');
  });
});

test.each(['state', 'cache'] as const)(
  'Redis of the %s lets its exporter see numbers, no key and no setting',
  (role) => {
    const objects = render((app) => new RedisLayer(app, environment(), role));
    const [, , script] = field(requireObject(objects, 'StatefulSet'), `${CONTAINER}.command`) as string[];
    const line = script?.split('\n').find((each) => each.startsWith('user exporter ')) ?? '';

    expect(line).toContain(' on ">$(cat /run/secrets/redis-exporter/password)" -@all ');
    expect(line).not.toMatch(/~|allkeys|config|\+@/);
  },
);

test('a new Postgres makes the role of its exporter, to statistics alone', () => {
  const objects = render((app) => new PostgresLayer(app, environment()));
  const sql = dataOf(requireObject(objects, 'ConfigMap'), '2-exporter.sql');
  const mounts = field(requireObject(objects, 'StatefulSet'), `${CONTAINER}.volumeMounts`);

  expect(sql).toContain('`cat /run/secrets/postgres-exporter/password`');
  expect(sql).toContain('GRANT pg_monitor TO exporter;');
  expect(sql).not.toMatch(/SUPERUSER|CREATEDB|pg_read_all_data/);
  expect(mounts).toContainEqual(expect.objectContaining({ mountPath: '/docker-entrypoint-initdb.d' }));
});
