import { describe, expect, test } from '@jest/globals';
import { secretObjects } from '../../infra/synth/secrets.ts';
import { definition, withValues, type Service } from '../../service/definition/index.ts';

const [token, key] = ['t'.repeat(32), 'k'.repeat(32)];
const stores = { redisPassword: 'redis-password', postgresPassword: 'postgres-password' };
const values = { ...stores, guardToken: token, probeKey: key };

describe('the secret objects', () => {
  test('have the names and keys that the manifests mount', () => {
    const objects = secretObjects(definition.prod, values);

    expect(objects.map(({ metadata, stringData }) => [metadata.name, stringData])).toEqual([
      ['postgres', { password: 'postgres-password', url: 'postgres://sluice:postgres-password@postgres:5432/sluice' }],
      [
        'redis',
        {
          password: 'redis-password',
          url:
            'redis-sentinel://:redis-password@redis-sentinel-0.redis-sentinel:26379,' +
            'redis-sentinel-1.redis-sentinel:26379,redis-sentinel-2.redis-sentinel:26379/0#state',
        },
      ],
      ['redis-cache', { password: 'redis-password', url: 'redis://:redis-password@redis-cache:6379' }],
      ['redis-exporter', { password: expect.any(String), 'passwords.json': expect.any(String) }],
      ['postgres-exporter', { password: expect.any(String) }],
      ['guard', { token, 'probe-key': key }],
    ]);
    expect(new Set(objects.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['sluice-prod']));
  });

  test('lead to the one Redis where the state has no other', () => {
    const urls = secretObjects(definition.dev, values)
      .filter(({ metadata }) => metadata.name === 'redis')
      .map(({ stringData }) => (stringData as { url: string }).url);

    expect(urls).toEqual(['redis://:redis-password@redis:6379']);
  });

  test('leave out Redis where there is none', () => {
    const objects = secretObjects(withValues(definition.dev, ['stores.backend=memory']), values);

    expect(objects.map(({ metadata }) => metadata.name)).toEqual(['postgres', 'postgres-exporter', 'guard']);
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
    const sentinels = 'redis-sentinel://:s3cret@a.internal:26379,b.internal:26379/0#group';
    expect(redis({ redisUrl: sentinels })).toEqual([['redis', { url: sentinels }]]);
    expect(() => redis({ redisUrl: sentinels.replace('#group', '') })).toThrow(/^redisUrl must end in # /);
    expect(() => redis({ redisUrl: 'state.internal:6380/s3cret' })).toThrow(/^redisUrl must be a URL/);
  });

  test('tell where Postgres is that others run, or leave that to them, and want no password then', () => {
    const external = withValues(definition.prod, ['datastores.postgres.kind=external']);
    const postgres = (given: object, ...settings: string[]) =>
      secretObjects(withValues(external, settings), { ...values, postgresPassword: '', ...given })
        .filter(({ metadata }) => metadata.name === 'postgres')
        .map(({ stringData }) => stringData);
    const databaseUrl = 'postgresql://orders:p%40ss@db.internal:6432/orders';
    const databaseCertificates = '-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n';

    expect(postgres({ databaseUrl })).toEqual([{ url: databaseUrl }]);
    expect(postgres({})).toEqual([]);
    expect(postgres({ databaseUrl, databaseCertificates }, 'datastores.postgres.externalTls=secret')).toEqual([
      { url: databaseUrl, 'ca.crt': databaseCertificates },
    ]);
    expect(() => postgres({ databaseUrl: 'db.internal/s3cret' })).toThrow(/^databaseUrl must be an address such as/);
    expect(() => postgres({ databaseUrl }, 'datastores.postgres.externalTls=secret')).toThrow(
      /^databaseCertificates must be certificates/,
    );
  });

  test('name the owner of the database for CloudNativePG, and the host that follows the primary', () => {
    const [postgres] = secretObjects(
      withValues(definition.prod, [
        'datastores.postgres.kind=cloudnativepg',
        'datastores.postgres.image=ghcr.io/cloudnative-pg/postgresql:15.14',
      ]),
      values,
    );

    expect(postgres).toMatchObject({
      metadata: { name: 'postgres' },
      type: 'kubernetes.io/basic-auth',
      stringData: {
        username: 'sluice',
        password: 'postgres-password',
        url: 'postgres://sluice:postgres-password@postgres-cluster-rw:5432/sluice',
      },
    });
  });

  test('refuse a password that would break an address, without telling it', () => {
    const attempt = () => secretObjects(definition.dev, { ...values, postgresPassword: 'p@ss/word' });

    expect(attempt).toThrow('postgresPassword must have letters, digits and . _ ~ - only');
    expect(attempt).not.toThrow('p@ss/word');
  });

  test('have what Alertmanager shows the guard and the guard the gateway, where releases are guarded', () => {
    const guard = (service: Service, given: object) =>
      secretObjects(service, { ...stores, ...given })
        .filter(({ metadata }) => metadata.name === 'guard')
        .map(({ stringData }) => stringData);

    expect(guard(definition.prod, { guardToken: token, probeKey: key })).toEqual([{ token, 'probe-key': key }]);
    expect(guard(withValues(definition.prod, ['release.guard.mode=off']), {})).toEqual([]);
    expect(() => guard(definition.prod, { guardToken: token })).toThrow('probeKey must have letters, digits');
    expect(() => guard(definition.prod, { guardToken: 's3cret', probeKey: key })).toThrow(
      /^guardToken must have at least 32 characters, such as those of: openssl rand -hex 16$/,
    );
  });

  test('have what drills show their keeper where there are drills, and nowhere else', () => {
    const key = 'd'.repeat(32);
    const drill = (service: Service, given: object) =>
      secretObjects(service, { ...values, ...given })
        .filter(({ metadata }) => metadata.name === 'sluice-drill')
        .map(({ stringData }) => stringData);

    expect(drill(definition.staging, { drillKey: key })).toEqual([{ drillKey: key }]);
    expect(drill(definition.prod, { drillKey: key })).toEqual([]);
    expect(() => drill(definition.staging, {})).toThrow('drillKey must have letters, digits');
    expect(() => drill(definition.staging, { drillKey: 's3cret' })).toThrow(
      'drillKey must have at least 32 characters',
    );
  });

  test('give each exporter a password of its own, which is the same whenever the store’s is and does not tell it', () => {
    const passwords = (given = values) =>
      new Map(
        secretObjects(definition.dev, given).map(({ metadata, stringData }) => [
          metadata.name,
          stringData as Record<string, string>,
        ]),
      );
    const redis = passwords().get('redis-exporter');
    const all = [...passwords().values()].flatMap(({ password = [] }) => password);

    expect(passwords()).toEqual(passwords());
    expect(new Set(all).size).toBe(4);
    expect(JSON.stringify(redis)).not.toContain('redis-password');
    expect(JSON.parse(redis?.['passwords.json'] ?? '')).toMatchObject({
      'redis://redis:6379': redis?.password,
      'redis://exporter@redis-cache:6379': redis?.password,
    });
    const changed = passwords({ ...values, redisPassword: 'another' });
    expect(changed.get('redis-exporter')?.password).not.toBe(redis?.password);
  });
});
