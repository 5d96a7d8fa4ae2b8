import { describe, expect, test } from '@jest/globals';
import { secretObjects } from '../../infra/synth/secrets.ts';
import { definition, withValues } from '../../service/definition/index.ts';

const values = { redisPassword: 'redis-password', postgresPassword: 'postgres-password' };

describe('the secret objects', () => {
  test('have the names and keys that the manifests mount', () => {
    const objects = secretObjects(definition.prod, values);

    expect(objects.map(({ metadata, stringData }) => [metadata.name, stringData])).toEqual([
      ['postgres', { password: 'postgres-password', url: 'postgres://sluice:postgres-password@postgres:5432/sluice' }],
      ['redis', { password: 'redis-password', url: 'redis://:redis-password@redis:6379' }],
      ['redis-cache', { password: 'redis-password', url: 'redis://:redis-password@redis-cache:6379' }],
    ]);
    expect(new Set(objects.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['sluice-prod']));
  });

  test('leave out Redis where there is none', () => {
    const objects = secretObjects(withValues(definition.dev, ['stores.backend=memory']), values);

    expect(objects.map(({ metadata }) => metadata.name)).toEqual(['postgres']);
  });

  test('tell where Redis is that others run, or leave that to them', () => {
    const external = withValues(definition.prod, ['stores.redis.kind=external']);
    const urls = { redisUrl: 'rediss://:p%40ss@state.internal:6380', redisCacheUrl: 'redis://cache.internal:6379' };
    const redis = (given: object) =>
      secretObjects(external, { ...values, ...given })
        .filter(({ metadata }) => metadata.name.startsWith('redis'))
        .map(({ metadata, stringData }) => [metadata.name, stringData]);

    expect(redis(urls)).toEqual([
      ['redis', { url: urls.redisUrl }],
      ['redis-cache', { url: urls.redisCacheUrl }],
    ]);
    expect(redis({})).toEqual([]);
    expect(() => redis({ redisUrl: 'state.internal:6380/s3cret' })).toThrow(/^redisUrl must be an address such as/);
  });

  test('refuse a password that would break an address, without telling it', () => {
    const attempt = () => secretObjects(definition.dev, { ...values, postgresPassword: 'p@ss/word' });

    expect(attempt).toThrow('postgresPassword must have letters, digits and . _ ~ - only');
    expect(attempt).not.toThrow('p@ss/word');
  });
});
