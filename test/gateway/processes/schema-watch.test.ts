import { setTimeout as wait } from 'node:timers/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { definition, withValues } from '../../../service/definition/index.ts';
import { watchSchema, type SchemaWatch } from '../../../service/gateway/processes/schema-watch.ts';
import { migrate } from '../../../service/store/migrate.ts';
import { createLog } from '../../../service/telemetry/log.ts';
import { sql, startPostgres, type TestPostgres } from '../../store/test-postgres.ts';
import { eventually } from '../../support/eventually.ts';

const OUTAGE_AFTER_MS = 1_000;

describe('a gateway and the schema of its database', () => {
  let postgres: TestPostgres;
  let databaseUrl: string;
  let folder: string;
  let lines: string;
  let tooOld: string[];
  let watch: SchemaWatch | undefined;

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.remove());
  beforeEach(async () => {
    databaseUrl = await postgres.createEmptyDatabase();
    folder = mkdtempSync(join(tmpdir(), 'sluice-migrations-'));
    lines = '';
    tooOld = [];
    write('0001_orders', 'CREATE TABLE orders (id int);');
  });
  afterEach(() => {
    watch?.close();
    rmSync(folder, { recursive: true });
  });

  function write(name: string, statements: string, phase = 'expand'): void {
    writeFileSync(join(folder, `${name}.sql`), `-- Phase: ${phase}\n\n-- Up Migration\n\n${statements}\n`);
  }

  function start(migrations: 'apply' | 'await', version = '0.4.0', url = databaseUrl): SchemaWatch {
    const log = createLog({ level: 'info', base: {}, destination: { write: (line) => (lines += line) } });
    const service = withValues(definition.dev, [`version=${version}`]);
    const onTooOld = (reason: string) => void tooOld.push(reason);
    const config = { databaseUrl: url, databasePooler: undefined, migrations, service };
    const times = { retryMs: 20, seenEveryMs: 20, outageAfterMs: OUTAGE_AFTER_MS };
    return (watch = watchSchema({ config, log, onTooOld, folder, ...times }));
  }

  const migrateTo = (version: string) => migrate(databaseUrl, { log: () => undefined, version, folder });

  test('waits until each of its expand steps is applied, and says which are missing', async () => {
    await migrateTo('0.4.0');
    write('0002_note', 'ALTER TABLE orders ADD COLUMN note text;');
    const schema = start('await');

    await eventually(() => expect(lines).toContain('waits until the schema has 0002_note'));
    expect(schema.isUsable()).toBe(false);
    await migrateTo('0.4.0');

    await eventually(() => expect(schema.isUsable()).toBe(true));
    expect(lines).toContain('the schema has all that this version needs');
    expect(lines.match(/waits until the schema has/g)).toHaveLength(1);
  });

  test('waits for the first migration of a new database, and applies nothing itself', async () => {
    const schema = start('await');

    await eventually(() => expect(lines).toContain('waits until a migration has begun or ended'));
    expect(schema.isUsable()).toBe(false);
    expect(await sql(databaseUrl, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)).toEqual([]);
  });

  test('waits for no contract step', async () => {
    await migrateTo('0.4.0');
    write('0002_drop', 'DROP TABLE orders;', 'contract, safe from 0.3.0');
    const schema = start('await');

    await eventually(() => expect(schema.isUsable()).toBe(true));
  });

  test('serves on while Postgres is emptied', async () => {
    await migrateTo('0.4.0');
    const schema = start('await');
    await eventually(() => expect(schema.isUsable()).toBe(true));

    await sql(databaseUrl, 'DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    await eventually(() => expect(lines).toContain('waits until a migration has begun'));

    expect([schema.isUsable(), tooOld]).toEqual([true, []]);
  });

  test('applies them itself where it is told to, and serves meanwhile', async () => {
    const schema = start('apply');

    expect(schema.isUsable()).toBe(true);
    await eventually(async () => expect(await sql(databaseUrl, 'SELECT name FROM migrations')).toHaveLength(1));
  });

  test.each(['apply', 'await'] as const)('says that its version runs (%s)', async (migrations) => {
    await migrateTo('0.2.0');
    start(migrations, '0.2.0');

    await eventually(async () =>
      expect(await sql(databaseUrl, 'SELECT version FROM versions_seen')).toEqual([{ version: '0.2.0' }]),
    );
    write('0002_drop', 'DROP TABLE orders;', 'contract, safe from 0.3.0');
    await expect(migrateTo('0.4.0')).rejects.toThrow('0.2.0 may still run');
  });

  describe.each(['apply', 'await'] as const)('that is newer than it knows (%s)', (migrations) => {
    beforeEach(async () => {
      write('0002_drop', 'ALTER TABLE orders DROP COLUMN id;', 'contract, safe from 0.3.0');
      write('0003_note', 'ALTER TABLE orders ADD COLUMN note text;');
      await migrateTo('0.4.0');
      for (const name of ['0002_drop', '0003_note']) rmSync(join(folder, `${name}.sql`));
    });

    test('is taken by a version that the contract steps allow', async () => {
      const schema = start(migrations, '0.3.0');

      await eventually(async () =>
        expect(await sql(databaseUrl, 'SELECT version FROM versions_seen')).toEqual([{ version: '0.3.0' }]),
      );
      await eventually(() => expect(schema.isUsable()).toBe(true));
      expect(tooOld).toEqual([]);
    });

    test('is refused by one that they do not, once', async () => {
      start(migrations, '0.2.9');

      await eventually(() =>
        expect(tooOld).toEqual([expect.stringContaining('version 0.2.9 cannot run with this database')]),
      );
      expect(await sql(databaseUrl, 'SELECT version FROM versions_seen')).toEqual([]);
    });
  });

  test('says once that Postgres does not answer, and counts as usable once that is an outage', async () => {
    const schema = start('await', '0.4.0', 'postgres://a:b@127.0.0.1:1/c');

    await eventually(() => expect(lines).toContain('postgres at 127.0.0.1:1 is not ready'));
    expect(schema.isUsable()).toBe(false);
    await eventually(() => expect(schema.isUsable()).toBe(true));
    expect(lines.match(/is not ready/g)).toHaveLength(1);
  });

  test('takes a wrong password for no outage', async () => {
    const schema = start(
      'await',
      '0.4.0',
      databaseUrl.replace('postgres://', 'postgres://nobody:wrong@').replace(/(?<=nobody:wrong@)[^@]*@/, ''),
    );

    await eventually(() => expect(lines).toContain('is not ready'));
    await wait(2 * OUTAGE_AFTER_MS);
    expect(schema.isUsable()).toBe(false);
  });
});
