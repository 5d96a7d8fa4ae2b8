import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql, startPostgres, type TestPostgres } from './test-postgres.ts';

const PROGRAM = fileURLToPath(new URL('../../service/migrate.ts', import.meta.url));

describe('the program of the migration', () => {
  let postgres: TestPostgres;

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.remove());

  function run(variables: Readonly<Record<string, string>>) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', ...variables },
    });
    return { status, said: stdout + stderr };
  }

  test('applies what is missing, says so, and ends with 0; the second time it has nothing to do', async () => {
    const DATABASE_URL = await postgres.createEmptyDatabase();

    expect(run({ DATABASE_URL })).toEqual({
      status: 0,
      said: expect.stringContaining('0001_sample-application is applied'),
    });
    expect(run({ DATABASE_URL })).toEqual({ status: 0, said: expect.stringContaining('the schema is up to date') });
  });

  test('ends with 1 and the reason where its version is too old for the schema', async () => {
    const DATABASE_URL = await postgres.createEmptyDatabase();
    expect(run({ DATABASE_URL }).status).toBe(0);
    await sql(DATABASE_URL, `INSERT INTO contracted (name, safe_from) VALUES ('9999_drop', '99.0.0')`);

    expect(run({ DATABASE_URL })).toEqual({
      status: 1,
      said: expect.stringContaining('cannot run with this database: its schema is for 99.0.0 and later'),
    });
  });

  test('ends with 1 where Postgres refuses it, without telling the password', () => {
    const DATABASE_URL = postgres.connectionString.replace(/:[^:@/]+@/, ':wrong-password@');

    const { status, said } = run({ DATABASE_URL });

    expect([status, said]).toEqual([1, expect.stringContaining('password authentication failed')]);
    expect(said).not.toContain('wrong-password');
  });

  test('ends with 2 where no database is named', () => {
    expect(run({})).toEqual({ status: 2, said: expect.stringContaining('DATABASE_URL: is missing') });
  });
});
