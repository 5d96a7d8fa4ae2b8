import { expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { hasStack, sluice } from './sluice.ts';

type Secret = { kind: string; metadata: { name: string; namespace: string }; stringData: Record<string, string> };

const GUARD = { GUARD_TOKEN: 't'.repeat(32), PROBE_KEY: 'k'.repeat(32) };
const DRILL_KEY = 'd'.repeat(32);
const GIVEN = { REDIS_PASSWORD: 'r3dis', POSTGRES_PASSWORD: 'p0stgres', ...GUARD, DRILL_KEY };

function secretsOf(stdout: string): Map<string, Secret> {
  return new Map(
    parseAllDocuments(stdout)
      .map((document) => document.toJS() as Secret)
      .map((secret) => [secret.metadata.name, secret]),
  );
}

test('passwords that are given become Secret objects of the environment, and nothing else is said', () => {
  const run = sluice(['secrets', '--env', 'staging'], { env: GIVEN });
  expect(run.code).toBe(0);
  // The keys of models are others', and not asked for here.
  expect(run.stderr).toMatch(/^note: the Secret model-providers is left out; .*\n$/);
  const secrets = secretsOf(run.stdout);
  expect(new Set([...secrets.values()].map(({ kind, metadata }) => `${kind} ${metadata.namespace}`))).toEqual(
    new Set(['Secret sluice-staging']),
  );
  expect(secrets.get('redis')?.stringData.url).toMatch(/^redis-sentinel:\/\/:r3dis@redis-sentinel-0\.redis-sentinel:/);
  expect(secrets.get('redis')?.stringData.password).toBe('r3dis');
  expect(secrets.get('redis-cache')?.stringData.url).toBe('redis://:r3dis@redis-cache:6379');
  expect(secrets.get('postgres')?.stringData.password).toBe('p0stgres');
  expect(secrets.get('guard')?.stringData).toEqual({ token: GUARD.GUARD_TOKEN, 'probe-key': GUARD.PROBE_KEY });
  expect(secrets.get('sluice-drill')?.stringData).toEqual({ drillKey: DRILL_KEY });
});

test('passwords that are not given are random, URL-safe and new in every run, with a note on stderr', () => {
  const passwords = [1, 2].flatMap(() => {
    const run = sluice(['secrets', '--env', 'prod']);
    expect(run.code).toBe(0);
    expect(run.stderr).toBe(
      'note: REDIS_PASSWORD, POSTGRES_PASSWORD, GUARD_TOKEN and PROBE_KEY not set: made anew here, and differently by ' +
        'the next run. Keep what is printed, or set them.\n' +
        'note: the Secret model-providers is left out; a provider of models whose key it does not hold is asked nothing; ' +
        'make it with those that you have, and restart the gateway: kubectl --namespace=sluice-prod create secret generic ' +
        'model-providers --from-literal=DEEPSEEK_API_KEY=... --from-literal=OPENAI_API_KEY=...\n',
    );
    const secrets = secretsOf(run.stdout);
    const { token = '', 'probe-key': probeKey = '' } = secrets.get('guard')?.stringData ?? {};
    const stores = ['redis', 'redis-cache', 'postgres'].map((name) => secrets.get(name)?.stringData.password ?? '');
    return [...stores, token, probeKey];
  });
  // One for both Redis.
  expect(new Set(passwords).size).toBe(2 * 4);
  for (const password of passwords) expect(password).toMatch(/^[\w-]{32}$/);
});

test('the note names the one password that is not given', () => {
  const run = sluice(['secrets', '--env', 'dev'], { env: { ...GIVEN, POSTGRES_PASSWORD: '' } });
  expect(run.stderr).toMatch(/^note: POSTGRES_PASSWORD not set: /);
});

test('a password that no address can hold is refused without being told', () => {
  const run = sluice(['secrets', '--env', 'prod'], { env: { ...GIVEN, REDIS_PASSWORD: 'sesame/42' } });
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(run.stderr).toContain('redisPassword must have letters, digits and . _ ~ - only');
  expect(run.stderr).not.toContain('sesame');
  expect(hasStack(run)).toBe(false);
});
