import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createApiKey, findKey, listApiKeys, revokeApiKey } from '../../service/app/index.ts';
import { migrate } from '../../service/store/migrate.ts';
import type { Database } from '../../service/store/postgres.ts';
import { openDatabase, sql, startPostgres, type TestPostgres } from '../store/test-postgres.ts';

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');

describe('keys', () => {
  let postgres: TestPostgres;
  let database: Database;

  beforeAll(async () => {
    postgres = await startPostgres();
    await migrate(postgres.connectionString, { log: () => undefined });
    database = openDatabase(postgres.connectionString);
  });

  afterAll(async () => {
    await database.close();
    await postgres.remove();
  });

  test('a key is found by its hash alone, with its owner and tier, until it is revoked', async () => {
    const { key, id } = await createApiKey(database, { owner: 'ada', name: 'test', tier: 'pro' });

    expect(key).toMatch(/^slu_[\w-]{43}$/);
    expect(id).toBe(hashOf(key).slice(0, 8));
    expect(await findKey(database, hashOf(key))).toEqual({ owner: 'ada', tier: 'pro' });
    expect(await findKey(database, hashOf('slu_other'))).toBeUndefined();
    expect(await revokeApiKey(database, id)).toMatchObject({ id, name: 'test', revokedAt: expect.any(Date) });
    expect(await findKey(database, hashOf(key))).toBeUndefined();
  });

  test('a key without a tier has none', async () => {
    const { key } = await createApiKey(database, { owner: 'ada', name: 'plain' });

    expect(await findKey(database, hashOf(key))).toEqual({ owner: 'ada' });
  });

  test('a key that has expired is found no more', async () => {
    const past = await createApiKey(database, { owner: 'ada', name: 'old', expiresAt: new Date(Date.now() - 1_000) });
    const expiresAt = new Date(Date.now() + 3_600_000);
    const coming = await createApiKey(database, { owner: 'ada', name: 'new', expiresAt });

    expect(await findKey(database, hashOf(past.key))).toBeUndefined();
    expect(await findKey(database, hashOf(coming.key))).toEqual({ owner: 'ada', expiresAt });
  });

  test('nothing in the table is or gives a key', async () => {
    const { key } = await createApiKey(database, { owner: 'ada', name: 'secret' });

    const rows = JSON.stringify(await sql(postgres.connectionString, 'SELECT * FROM api_keys'));

    expect(rows).toContain(hashOf(key));
    expect(rows).not.toContain(key.slice(4));
  });

  test('the list has every key, the newest first, revoked and expired ones too', async () => {
    await sql(postgres.connectionString, 'DELETE FROM api_keys');
    const expiresAt = new Date(Date.now() + 60_000);
    const first = await createApiKey(database, { owner: 'ada', name: 'first', tier: 'free', expiresAt });
    const second = await createApiKey(database, { owner: 'bob', name: 'second' });
    await revokeApiKey(database, first.id);

    expect(await listApiKeys(database)).toEqual([
      { id: second.id, owner: 'bob', name: 'second', createdAt: expect.any(Date) },
      {
        id: first.id,
        owner: 'ada',
        name: 'first',
        tier: 'free',
        createdAt: expect.any(Date),
        expiresAt,
        revokedAt: expect.any(Date),
      },
    ]);
  });

  test('revoking twice keeps the first time; an unknown id revokes nothing', async () => {
    const { id } = await createApiKey(database, { owner: 'ada', name: 'twice' });

    const first = await revokeApiKey(database, id);
    const second = await revokeApiKey(database, id);

    expect(second?.revokedAt).toEqual(first?.revokedAt);
    expect(await revokeApiKey(database, '00000000')).toBeUndefined();
    expect(await revokeApiKey(database, '')).toBeUndefined();
  });
});
