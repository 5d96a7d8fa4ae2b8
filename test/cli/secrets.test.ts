import { expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { hasStack, sluice } from './sluice.ts';

type Secret = { kind: string; metadata: { name: string; namespace: string }; stringData: Record<string, string> };

const GIVEN = { REDIS_PASSWORD: 'r3dis', POSTGRES_PASSWORD: 'p0stgres' };

function secretsOf(stdout: string): Map<string, Secret> {
  return new Map(
    parseAllDocuments(stdout)
      .map((document) => document.toJS() as Secret)
      .map((secret) => [secret.metadata.name, secret]),
  );
}

test('passwords that are given become Secret objects of the environment, and nothing else is said', () => {
  const run = sluice(['secrets', '--env', 'staging'], { env: GIVEN });
  expect(run).toMatchObject({ code: 0, stderr: '' });
  const secrets = secretsOf(run.stdout);
  expect(new Set([...secrets.values()].map(({ kind, metadata }) => `${kind} ${metadata.namespace}`))).toEqual(
    new Set(['Secret sluice-staging']),
  );
  expect(secrets.get('redis')?.stringData.url).toMatch(/^redis-sentinel:\/\/:r3dis@redis-sentinel-0\.redis-sentinel:/);
  expect(secrets.get('redis')?.stringData.password).toBe('r3dis');
  expect(secrets.get('redis-cache')?.stringData.url).toBe('redis://:r3dis@redis-cache:6379');
  expect(secrets.get('postgres')?.stringData.password).toBe('p0stgres');
});

test('passwords that are not given are random, URL-safe and new in every run, with a note on stderr', () => {
  const passwords = [1, 2].flatMap(() => {
    const run = sluice(['secrets', '--env', 'prod']);
    expect(run.code).toBe(0);
    expect(run.stderr).toBe(
      'note: REDIS_PASSWORD and POSTGRES_PASSWORD not set: made anew here, and differently by the next run. ' +
        'Keep what is printed, or set them.\n',
    );
    const secrets = secretsOf(run.stdout);
    return ['redis', 'redis-cache', 'postgres'].map((name) => secrets.get(name)?.stringData.password ?? '');
  });
  expect(new Set(passwords).size).toBe(4);
  for (const password of passwords) expect(password).toMatch(/^[\w-]{32}$/);
});

test('the note names the one password that is not given', () => {
  const run = sluice(['secrets', '--env', 'dev'], { env: { REDIS_PASSWORD: 'r3dis', POSTGRES_PASSWORD: '' } });
  expect(run.stderr).toMatch(/^note: POSTGRES_PASSWORD not set: /);
});

test('a password that no address can hold is refused without being told', () => {
  const run = sluice(['secrets', '--env', 'prod'], { env: { ...GIVEN, REDIS_PASSWORD: 'sesame/42' } });
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(run.stderr).toContain('redisPassword must have letters, digits and . _ ~ - only');
  expect(run.stderr).not.toContain('sesame');
  expect(hasStack(run)).toBe(false);
});
