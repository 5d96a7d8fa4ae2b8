import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { migrate } from '../../service/store/migrate.ts';
import { MigrationRefused } from '../../service/store/schema/refusal.ts';
import { connectionName, reportVersion } from '../../service/store/schema/ledger.ts';
import { eventually } from '../support/eventually.ts';
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

    expect(await sql(database, TABLES)).toEqual([
      { tables: 'api_keys contracted logs migrations orders payments users versions_seen' },
    ]);
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

  test('gives up when another process goes on for too long', async () => {
    const database = await postgres.createEmptyDatabase();
    const other = await connect(database);
    await other.query('SELECT pg_advisory_lock(7241865325823964)');

    await expect(migrate(database, { log, patienceMs: 100 })).rejects.toThrow('another migration still runs');

    await other.end();
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

describe('a step', () => {
  let postgres: TestPostgres;
  let folder: string;
  let database: string;

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.remove());
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-migrations-'));
    database = await postgres.createEmptyDatabase();
    write('0001_orders', 'CREATE TABLE orders (id int, note text); INSERT INTO orders VALUES (1), (2);');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(name: string, statements: string, phase = 'expand'): void {
    writeFileSync(join(folder, `${name}.sql`), `-- Phase: ${phase}\n\n-- Up Migration\n\n${statements}\n`);
  }

  const run = (version = '0.4.0', patienceMs = 10_000) => migrate(database, { log, version, folder, patienceMs });
  const applied = async () => (await sql(database, 'SELECT name FROM migrations ORDER BY id')).map(({ name }) => name);
  const columns = async () =>
    (
      await sql(database, `SELECT column_name FROM information_schema.columns WHERE table_name = 'orders' ORDER BY 1`)
    ).map((row) => row.column_name);

  test('that fails leaves nothing of itself, and the steps before it stay', async () => {
    write('0002_wrong', 'ALTER TABLE orders ADD COLUMN half text; SELECT nonsense;');

    await expect(run()).rejects.toThrow('column "nonsense" does not exist');

    expect([await applied(), await columns()]).toEqual([['0001_orders'], ['id', 'note']]);
  });

  test('whose process is killed in the middle leaves nothing of itself, and is done by the next', async () => {
    write('0002_slow', 'ALTER TABLE orders ADD COLUMN slow text; SELECT pg_sleep(2);');
    const module = new URL('../../service/store/migrate.ts', import.meta.url).href;
    const options = `{ log() {}, version: '0.4.0', folder: ${JSON.stringify(folder)} }`;
    const program = `const { migrate } = await import(${JSON.stringify(module)});
      await migrate(${JSON.stringify(database)}, ${options});`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' });
    await eventually(async () =>
      expect(
        await sql(
          database,
          `SELECT 1 FROM pg_stat_activity WHERE application_name = 'sluice-migrate' AND query LIKE '%pg_sleep(2)%'`,
        ),
      ).not.toEqual([]),
    );
    child.kill('SIGKILL');
    await once(child, 'exit');

    expect([await applied(), await columns()]).toEqual([['0001_orders'], ['id', 'note']]);
    await run();
    expect([await applied(), await columns()]).toEqual([
      ['0001_orders', '0002_slow'],
      ['id', 'note', 'slow'],
    ]);
  });

  test('that waits for a lock lets live traffic pass, and is done when the lock is free', async () => {
    await run();
    write('0002_note', 'ALTER TABLE orders ADD COLUMN remark text;');
    const long = await connect(database);
    await long.query('BEGIN');
    await long.query('SELECT * FROM orders');
    const told: string[] = [];
    const migrating = migrate(database, { log: (line) => told.push(line), version: '0.4.0', folder });

    await eventually(() => expect(told.join()).toContain('gave way to others'));
    // Behind a step that waited without a bound this would wait for the long transaction.
    const live = await connect(database);
    await live.query("SET statement_timeout = '5s'");
    await live.query('SELECT * FROM orders');
    await long.query('COMMIT');
    await migrating;

    expect(await columns()).toEqual(['id', 'note', 'remark']);
    await Promise.all([long.end(), live.end()]);
  });

  test('that never gets its lock is given up with nothing done', async () => {
    await run();
    write('0002_note', 'ALTER TABLE orders ADD COLUMN remark text;');
    const long = await connect(database);
    await long.query('BEGIN');
    await long.query('SELECT * FROM orders');

    await expect(run('0.4.0', 500)).rejects.toThrow('lock timeout');

    expect(await columns()).toEqual(['id', 'note']);
    await long.end();
  });

  test('with CONCURRENTLY builds its index anew after one that was not finished', async () => {
    await run();
    write('0002_index', 'CREATE UNIQUE INDEX CONCURRENTLY by_id ON orders (id);');
    await sql(database, 'INSERT INTO orders VALUES (1)');
    await expect(run()).rejects.toThrow('could not create unique index');
    expect(await sql(database, VALID)).toEqual([{ valid: false }]);
    await sql(database, 'DELETE FROM orders WHERE ctid = (SELECT max(ctid) FROM orders)');

    await run();

    expect([await applied(), await sql(database, VALID)]).toEqual([['0001_orders', '0002_index'], [{ valid: true }]]);
  });

  describe('that contracts', () => {
    const CONTRACT = ['0002_drop-note', 'ALTER TABLE orders DROP COLUMN note;', 'contract, safe from 0.3.0'] as const;

    beforeEach(async () => {
      await run('0.3.0');
      write(...CONTRACT);
    });

    /** Says that a version runs, as its gateways do. */
    async function see(version: string): Promise<void> {
      const client = await connect(database);
      expect(await reportVersion(client, version)).toBeDefined();
      await client.end();
    }

    test('is done when no older version may run', async () => {
      await see('0.3.0');

      await run();

      expect(await columns()).toEqual(['id']);
      expect(await sql(database, 'SELECT * FROM contracted')).toEqual([{ name: CONTRACT[0], safe_from: '0.3.0' }]);
    });

    test('is refused while an older version was seen lately, with nothing done', async () => {
      await see('0.2.0');
      await see('0.3.0');

      const attempt = run();

      await expect(attempt).rejects.toThrow(MigrationRefused);
      await expect(attempt).rejects.toThrow('0002_drop-note is safe from version 0.3.0, and 0.2.0 may still run');
      expect([await applied(), await columns()]).toEqual([['0001_orders'], ['id', 'note']]);
      expect(await sql(database, 'SELECT * FROM contracted')).toEqual([]);
    });

    test('is done once the older version has not been seen for two minutes', async () => {
      await see('0.2.0');
      await sql(database, `UPDATE versions_seen SET seen_at = now() - interval '119 seconds'`);
      await expect(run()).rejects.toThrow('0.2.0 may still run');
      await sql(database, `UPDATE versions_seen SET seen_at = now() - interval '121 seconds'`);

      await run();

      expect(await columns()).toEqual(['id']);
    });

    test('is refused while an older version has a connection, however long it said nothing', async () => {
      const older = await connect(database, connectionName('background', '0.2.0'));

      await expect(run()).rejects.toThrow('0.2.0 may still run');
      await older.end();
      await eventually(() => run());

      expect(await columns()).toEqual(['id']);
    });

    test('keeps an older version from starting in between: it waits, and then learns that it is too old', async () => {
      write(CONTRACT[0], 'ALTER TABLE orders DROP COLUMN note; SELECT pg_sleep(1);', CONTRACT[2]);
      const older = await connect(database);
      const migrating = run();
      await eventually(async () =>
        expect(await sql(database, `SELECT 1 FROM pg_locks WHERE relation = 'orders'::regclass`)).not.toEqual([]),
      );

      expect(await reportVersion(older, '0.2.0')).toBeUndefined();

      await migrating;
      expect((await reportVersion(older, '0.2.0'))?.contracted).toEqual([
        { name: CONTRACT[0], phase: 'contract', safeFrom: '0.3.0' },
      ]);
      await older.end();
    });

    test('leaves a database that older versions refuse and later ones, which do not know the step, take', async () => {
      await run();
      rmSync(join(folder, `${CONTRACT[0]}.sql`));

      await expect(run('0.2.0')).rejects.toThrow(
        'version 0.2.0 cannot run with this database: its schema is for 0.3.0',
      );
      await run('0.3.0');
    });
  });
});

const VALID = `SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'by_id'::regclass`;

async function connect(connectionString: string, name = 'test'): Promise<Client> {
  const client = new Client({ connectionString, application_name: name });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
