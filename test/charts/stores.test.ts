import { describe, expect, test } from '@jest/globals';
import { PostgresLayer, RedisLayer } from '../../infra/charts/index.ts';
import { dataOf, environment, field, render, requireObject } from './render.ts';

const POD = 'spec.template.spec';
const CONTAINER = `${POD}.containers.0`;

describe('Redis', () => {
  const service = environment(
    'prod',
    'stores.redis.state.maxClients=321',
    'stores.redis.state.memory=128Mi',
    'stores.redis.state.storage=3Gi',
    'stores.redis.cache.maxClients=123',
    'stores.redis.cache.memory=512Mi',
    'stores.redis.cache.evictionPolicy=allkeys-lru',
  );
  const objects = render((app) => new RedisLayer(app, service, 'state'));
  const cacheObjects = render((app) => new RedisLayer(app, service, 'cache'));
  const cache = requireObject(cacheObjects, 'StatefulSet');
  const statefulSet = requireObject(objects, 'StatefulSet');

  test('is configured by the definition', () => {
    const text = dataOf(requireObject(objects, 'ConfigMap'), 'redis.conf');

    expect(text).toContain('maxclients 321\n');
    expect(text).toContain(`maxmemory ${128 * 2 ** 20}\n`);
    expect(text).toContain('maxmemory-policy noeviction\n');
    expect(text).toContain('appendonly yes\n');
  });

  test('for the cache is another one, which may evict and keeps nothing on disk', () => {
    const text = dataOf(requireObject(cacheObjects, 'ConfigMap'), 'redis.conf');

    expect(text).toContain('maxclients 123\n');
    expect(text).toContain(`maxmemory ${512 * 2 ** 20}\n`);
    expect(text).toContain('maxmemory-policy allkeys-lru\n');
    expect(text).toContain('appendonly no\n');
    expect(field(cache, 'spec.volumeClaimTemplates')).toBeUndefined();
    expect(JSON.stringify(field(cache, `${POD}.volumes`))).not.toContain('persistentVolumeClaim');
    expect(field(cache, `${CONTAINER}.command`)).toEqual([
      'sh',
      '-c',
      expect.stringContaining('/run/secrets/redis-cache/password'),
    ]);
    expect(field(cache, 'metadata.name')).toBe('redis-cache');
    expect(field(requireObject(cacheObjects, 'Service'), 'spec.selector')).toEqual(
      field(cache, 'spec.selector.matchLabels'),
    );
  });

  test('has the same Secret mounted that its password is read from', () => {
    expect(field(cache, `${CONTAINER}.volumeMounts`)).toContainEqual(
      expect.objectContaining({ mountPath: '/run/secrets/redis-cache' }),
    );
  });

  test('has more memory than its data may fill', () => {
    expect(field(statefulSet, `${CONTAINER}.resources.limits.memory`)).toBe('256Mi');
  });

  test('takes its password from a file and not from an argument or a variable', () => {
    const command = (field(statefulSet, `${CONTAINER}.command`) as string[]).join(' ');

    expect(command).toContain('requirepass "$(cat /run/secrets/redis/password)"');
    expect(command).not.toContain('--requirepass');
    expect(field(statefulSet, `${CONTAINER}.env`)).toBeUndefined();
  });

  test('keeps its data on a volume of its own', () => {
    expect(field(statefulSet, 'spec.volumeClaimTemplates.0.spec.resources.requests.storage')).toBe('3Gi');
    expect(field(statefulSet, `${CONTAINER}.volumeMounts`)).toContainEqual({ mountPath: '/data', name: 'data' });
  });
});

describe('Postgres', () => {
  const service = environment('prod', 'datastores.postgres.maxConnections=77', 'datastores.postgres.memory=1Gi');
  const statefulSet = requireObject(
    render((app) => new PostgresLayer(app, service)),
    'StatefulSet',
  );
  const variables = field(statefulSet, `${CONTAINER}.env`);

  test('is configured by the definition', () => {
    const args = field(statefulSet, `${CONTAINER}.args`);

    expect(args).toEqual(['postgres', '-c', 'max_connections=77', '-c', 'shared_buffers=256MB']);
  });

  test('keeps its data below the mount of the volume', () => {
    const mount = (field(statefulSet, `${CONTAINER}.volumeMounts`) as { name: string; mountPath: string }[]).find(
      ({ name }) => name === 'data',
    );

    expect(variables).toContainEqual({ name: 'PGDATA', value: `${mount?.mountPath ?? ''}/pgdata` });
  });

  test('takes its password from a file', () => {
    expect(variables).toContainEqual({ name: 'POSTGRES_PASSWORD_FILE', value: '/run/secrets/postgres/password' });
  });

  test('closes the connections of its clients when it is to stop', () => {
    expect(field(statefulSet, `${CONTAINER}.lifecycle.preStop.exec.command`)).toContain('--mode=fast');
  });
});
