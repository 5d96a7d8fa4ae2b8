import { describe, expect, test } from '@jest/globals';
import { secretObjects } from '../../infra/synth/secrets.ts';
import { definition, withValues } from '../../service/definition/index.ts';

const values = { redisPassword: 'redis-password', postgresPassword: 'postgres-password' };

describe('the secret objects', () => {
  test('have the names and keys that the manifests mount', () => {
    const objects = secretObjects(definition.prod, values);

    expect(objects.map(({ metadata, stringData }) => [metadata.name, stringData])).toEqual([
      ['postgres', { password: 'postgres-password', url: 'postgres://sluice:postgres-password@postgres:5432/sluice' }],
      ['redis', { password: 'redis-password' }],
    ]);
    expect(objects.map(({ metadata }) => metadata.namespace)).toEqual(['sluice-prod', 'sluice-prod']);
  });

  test('leave out Redis where there is none', () => {
    const objects = secretObjects(withValues(definition.dev, ['stores.backend=memory']), values);

    expect(objects.map(({ metadata }) => metadata.name)).toEqual(['postgres']);
  });

  test('refuse a password that would break an address, without telling it', () => {
    const attempt = () => secretObjects(definition.dev, { ...values, postgresPassword: 'p@ss/word' });

    expect(attempt).toThrow('postgresPassword must have letters, digits and . _ ~ - only');
    expect(attempt).not.toThrow('p@ss/word');
  });
});
