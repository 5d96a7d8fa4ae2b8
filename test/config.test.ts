import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readConfig } from '../service/config.ts';
import { VariablesError } from '../service/variables.ts';
import { definition, withValues } from '../service/definition/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-config-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = (name: string, text: string): string => (
  writeFileSync(join(directory, name), text),
  join(directory, name)
);
const DATABASE = { DATABASE_URL: 'postgres://user:hidden@db:5432/app' };

describe('the configuration', () => {
  test('is that of dev when only the database is told', () => {
    const config = readConfig(DATABASE);
    expect(config).toMatchObject({
      service: definition.dev,
      port: 8080,
      opsPort: 9464,
      backend: 'memory',
      limits: true,
    });
    expect(config.redis).toBeUndefined();
  });

  test('takes Redis from its parts or from its address', () => {
    const parts = readConfig({ ...DATABASE, REDIS_HOST: 'r', REDIS_PORT: '7000', REDIS_PASSWORD: 'p', REDIS_DB: '2' });
    expect(parts).toMatchObject({
      backend: 'redis',
      redis: { host: 'r', port: 7000, password: 'p', db: 2, tls: false },
    });
    const address = readConfig({ ...DATABASE, REDIS_URL: 'rediss://u:p%40@r:7000/3' });
    expect(address.redis).toEqual({ host: 'r', port: 7000, username: 'u', password: 'p@', db: 3, tls: true });
  });

  test('finds Redis by Sentinels, whose password may come from elsewhere', () => {
    const { redis } = readConfig({
      ...DATABASE,
      REDIS_URL_FILE: file('sentinels', 'redis-sentinel://a:1,b#state\n'),
      REDIS_PASSWORD: 'p',
    });
    expect(redis).toMatchObject({
      password: 'p',
      sentinels: { group: 'state', endpoints: [{ port: 1 }, { host: 'b' }] },
    });
  });

  test('has one Redis for everything, or another for the cache', () => {
    expect(readConfig({ ...DATABASE, REDIS_URL: 'redis://r' }).redisCache).toBeUndefined();
    const two = readConfig({
      ...DATABASE,
      REDIS_URL: 'redis://r',
      REDIS_CACHE_URL_FILE: file('cache-url', 'rediss://:q@c:7001\n'),
    });
    expect(two.redis).toMatchObject({ host: 'r', port: 6379, tls: false });
    expect(two.redisCache).toEqual({ host: 'c', port: 7001, db: 0, password: 'q', tls: true });
    const parts = readConfig({ ...DATABASE, REDIS_HOST: 'r', REDIS_CACHE_HOST: 'c', REDIS_CACHE_PASSWORD: 'q' });
    expect(parts).toMatchObject({ redis: { host: 'r' }, redisCache: { host: 'c', password: 'q' } });
    expect(parts.redis).not.toHaveProperty('password');
  });

  test('takes a secret from a file', () => {
    const config = readConfig({ ...DATABASE, REDIS_HOST: 'r', REDIS_PASSWORD_FILE: file('password', 'from-file\n') });
    expect(config.redis?.password).toBe('from-file');
    const key = 'k'.repeat(32);
    expect(readConfig({ ...DATABASE, PROBE_KEY_FILE: file('probe-key', `${key}\n`) }).probeKey).toBe(key);
    expect(config.probeKey).toBeUndefined();
  });

  test('takes the keys of providers that are there, and goes without the others', () => {
    const absent = join(directory, 'absent');
    const config = readConfig({
      ...DATABASE,
      OPENAI_API_KEY_FILE: file('openai', 'sk-0123456789\n'),
      DEEPSEEK_API_KEY_FILE: absent,
    });
    expect(config.providerKeys).toEqual({ OPENAI_API_KEY: 'sk-0123456789' });
    expect(
      readConfig({ ...DATABASE, OPENAI_API_KEY_FILE: absent, OPENAI_API_KEY: 'sk-0123456789' }).providerKeys,
    ).toEqual({
      OPENAI_API_KEY: 'sk-0123456789',
    });
  });

  test('takes the definition from a file', () => {
    const service = withValues(definition.prod, ['limits.address=7/min']);
    expect(
      readConfig({ ...DATABASE, SLUICE_DEFINITION: file('service.json', JSON.stringify(service)) }).service,
    ).toEqual(service);
  });

  test('in front of another origin needs no database', () => {
    expect(readConfig({ PROXY_ORIGIN: 'http://localhost:3000/' }).proxyOrigin).toBe('http://localhost:3000');
  });

  test('tells every wrong variable at once, with an example and without a secret', () => {
    const variables = {
      DATABASE_URL: 'mysql://user:hidden@db',
      PORT: '80x',
      CACHE_BACKEND: 'redis',
      LOG_LEVEL: 'loud',
      REDIS_PASSWORD_FILE: join(directory, 'absent'),
      SLUICE_ENV: 'moon',
    };
    let message = '';
    try {
      readConfig(variables);
    } catch (error) {
      expect(error).toBeInstanceOf(VariablesError);
      message = (error as Error).message;
    }
    expect(message).toContain('has 6 wrong variables');
    for (const name of Object.keys(variables)) expect(message).toContain(`  ${name}: `);
    expect(message).toContain('example: DATABASE_URL=postgres://');
    expect(message).not.toContain('hidden');
  });

  test.each([
    [{}, 'DATABASE_URL: is missing'],
    [{ ...DATABASE, PORT: '9464' }, 'OPS_PORT: must differ'],
    [{ ...DATABASE, PROBE_KEY: 'x'.repeat(31) }, 'PROBE_KEY: must have at least 32 characters'],
    [{ ...DATABASE, PROBE_KEY: `${'x'.repeat(32)} ` }, 'PROBE_KEY: must have at least 32 characters'],
    [{ ...DATABASE, PROBE_KEY: 'é'.repeat(32) }, 'PROBE_KEY: must have at least 32 characters of ASCII'],
    [{ ...DATABASE, OPENAI_API_KEY: 'sk 0123456789' }, 'OPENAI_API_KEY: must have at least 8 characters of ASCII'],
    [{ PROXY_ORIGIN: 'http://a', PROBE_KEY: 'x'.repeat(32) }, 'PROBE_KEY: in front of PROXY_ORIGIN'],
    [{ ...DATABASE, REDIS_CACHE_URL: 'redis://c' }, 'REDIS_CACHE_URL: needs REDIS_URL'],
    [{ ...DATABASE, REDIS_CACHE_URL: 'http://c' }, 'REDIS_CACHE_URL: must be a URL'],
    [
      { ...DATABASE, REDIS_URL: 'redis-sentinel://:p@a:26379' },
      /REDIS_URL: must end in # .*; example: REDIS_URL=redis-sentinel:\/\/:password@sentinel-0:26379,/,
    ],
    [
      {
        ...DATABASE,
        REDIS_URL: 'redis-sentinel://a#g',
        SLUICE_DEFINITION: file(
          'cluster.json',
          JSON.stringify(withValues(definition.prod, ['stores.redis.kind=external', 'stores.redis.cluster=true'])),
        ),
      },
      'REDIS_URL: a Redis Cluster has no Sentinels',
    ],
    [{ ...DATABASE, SLUICE_DEFINITION: '/absent.json' }, 'SLUICE_DEFINITION: /absent.json'],
  ])('is refused for %j', (variables, words) => {
    expect(() => readConfig(variables)).toThrow(words);
  });
});
