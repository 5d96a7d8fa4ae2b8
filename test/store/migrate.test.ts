import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { migrate } from '../../service/store/migrate.ts';
import { sql, startPostgres, type TestPostgres } from './test-postgres.ts';

const log = (): void => undefined;
const MIGRATIONS = readdirSync(new URL('../../service/store/migrations', import.meta.url))
  .map((file) => file.replace(/\.sql$/, ''))
  .sort();
const TABLES = `SELECT string_agg(table_name, ' ' ORDER BY table_name) AS tables
                FROM information_schema.tables WHERE table_schema = 'public'`;

describe('migrate', () => {
  let postgres: TestPostgres;

  beforeAll(async () => {
    postgres = await startPostgres();
  });

  afterAll(() => postgres.remove());

  test('makes every table, and has nothing to do the second time', async () => {
    const database = await postgres.createEmptyDatabase();

    await migrate(database, { log });
    await sql(database, `INSERT INTO users (username, password_hash) VALUES ('ada', 'x')`);
    await migrate(database, { log });

    expect(await sql(database, TABLES)).toEqual([{ tables: 'api_keys logs migrations orders payments users' }]);
    expect(await sql(database, 'SELECT username FROM users')).toEqual([{ username: 'ada' }]);
  });

  test('runs each migration once when several processes start at once', async () => {
    const database = await postgres.createEmptyDatabase();
    const module = new URL('../../service/store/migrate.ts', import.meta.url).href;
    const program = `const { migrate } = await import(${JSON.stringify(module)});
      await migrate(${JSON.stringify(database)}, { log() {} });`;
    const others = [1, 2].map(() =>
      spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' }),
    );

    const ends = others.map(async (child) => ((await once(child, 'exit')) as [number])[0]);
    await Promise.all([migrate(database, { log }), migrate(database, { log })]);

    expect(await Promise.all(ends)).toEqual([0, 0]);
    expect(
      await sql(database, 'SELECT name, count(*)::int AS runs FROM migrations GROUP BY name ORDER BY name'),
    ).toEqual(MIGRATIONS.map((name) => ({ name, runs: 1 })));
  });

  test('waits for a migration that another process runs', async () => {
    const database = await postgres.createEmptyDatabase();
    // The lock that node-pg-migrate takes, held by somebody else for a while.
    const held = sql(database, 'SELECT pg_advisory_lock(7241865325823964), pg_sleep(0.5)');

    await Promise.all([held, migrate(database, { log })]);

    expect(await sql(database, 'SELECT count(*)::int AS runs FROM migrations')).toEqual([{ runs: MIGRATIONS.length }]);
  });

  test('rejects when nothing listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');

    await expect(migrate(`postgres://a:b@127.0.0.1:${port}/c`, { log })).rejects.toThrow('ECONNREFUSED');
  });
});
