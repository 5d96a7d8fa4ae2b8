import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { laneAddress } from '../../service/store/postgres.ts';
import { withTls } from '../../service/store/postgres/address.ts';
import type { Database } from '../../service/store/postgres.ts';
import { eventually } from '../support/eventually.ts';
import { hasPgBouncer, startPgBouncer, type TestPooler } from './pgbouncer.ts';
import { makeFolder, openDatabase, sql, startPostgres, type TestPostgres } from './test-postgres.ts';

const ADDRESS = 'postgres://sluice:p%40ss@postgres:5432/sluice?sslmode=verify-full';

test('each lane has a database of its own at a pooler, and Postgres itself where there is none', () => {
  expect(laneAddress(ADDRESS, 'postgres-pooler:6432', 'background')).toBe(
    'postgres://sluice:p%40ss@postgres-pooler:6432/sluice-background',
  );
  expect(laneAddress(ADDRESS, undefined, 'critical')).toBe(ADDRESS);
});

test.each([
  ['system', 'postgres://a@b/c?sslmode=verify-full'],
  [
    '/run/secrets/postgres/ca.crt',
    'postgres://a@b/c?sslmode=verify-full&sslrootcert=%2Frun%2Fsecrets%2Fpostgres%2Fca.crt',
  ],
  ['url', 'postgres://a@b/c?sslmode=disable'],
])('what a certificate is held against stands in the address: %s', (tls, expected) => {
  expect(withTls('postgres://a@b/c?sslmode=disable', tls)).toBe(expected);
});

if (!hasPgBouncer && process.env.CI !== 'true')
  console.warn('skipped: through PgBouncer: pgbouncer is not on the PATH');

(hasPgBouncer || process.env.CI === 'true' ? describe : describe.skip)('through PgBouncer', () => {
  let folder: string;
  let postgres: TestPostgres;
  let pooler: TestPooler;
  const opened: Database[] = [];
  const open: typeof openDatabase = (connectionString, options) => {
    const database = openDatabase(connectionString, { pooler: pooler.place, ...options });
    opened.push(database);
    return database;
  };

  beforeAll(async () => {
    folder = makeFolder();
    postgres = await startPostgres();
    pooler = await startPgBouncer(postgres.connectionString, folder, [
      'datastores.postgres.statementTimeout=1500ms',
      'datastores.postgres.pooler.connections.critical=2',
      'datastores.postgres.pooler.connections.background=1',
    ]);
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
  });

  afterAll(async () => {
    await pooler.stop();
    await postgres.remove();
    rmSync(folder, { recursive: true });
  });

  const connections = () =>
    sql(
      postgres.connectionString,
      "SELECT application_name AS name, count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend' " +
        "AND application_name LIKE 'sluice-%' GROUP BY 1 ORDER BY 1",
    );

  test('many more statements at once than there are connections all succeed', async () => {
    const database = open(postgres.connectionString, { pools: { critical: 20, background: 1 } });

    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) => database.query<{ n: number }>('critical', 'SELECT $1::int AS n', [n])),
    );

    expect(answers.map(([row]) => row?.n)).toEqual(Array.from({ length: 60 }, (_, n) => n));
    const [lent] = await connections();
    expect(lent?.name).toBe('sluice-critical');
    expect(lent?.count).toBeLessThanOrEqual(2);
  });

  test('a transaction is whole although others use the same connections', async () => {
    const database = open(postgres.connectionString, { pools: { critical: 8, background: 1 } });
    await sql(postgres.connectionString, 'CREATE TABLE account (id int PRIMARY KEY, amount int)');
    await sql(postgres.connectionString, 'INSERT INTO account VALUES (1, 0)');

    await Promise.all(
      Array.from({ length: 24 }, () =>
        database.transaction('critical', async (query) => {
          const [row] = await query<{ amount: number }>('SELECT amount FROM account WHERE id = $1 FOR UPDATE', [1]);
          await query('UPDATE account SET amount = $1 WHERE id = 1', [(row?.amount ?? 0) + 1]);
        }),
      ),
    );

    expect(await database.query('critical', 'SELECT amount FROM account', [])).toEqual([{ amount: 24 }]);
  });

  test('a statement ends at the time that the definition gives it, on every connection', async () => {
    // Longer than PgBouncer sets: that of the client alone would not end it.
    const database = open(postgres.connectionString, { pools: { critical: 4, background: 1 } });

    const slow = await Promise.allSettled([1, 2].map(() => database.query('critical', 'SELECT pg_sleep(20)', [])));

    expect(slow).toEqual([1, 2].map(() => expect.objectContaining({ status: 'rejected' })));
    expect(slow[0]).toMatchObject({ reason: { code: 'deadline-exceeded' } });
    expect(await database.query('critical', 'SHOW statement_timeout', [])).toEqual([{ statement_timeout: '1500ms' }]);
    expect(await database.query('critical', 'SHOW idle_in_transaction_session_timeout', [])).toEqual([
      { idle_in_transaction_session_timeout: '1500ms' },
    ]);
  });

  test('the critical lane never waits for connections of the background lane', async () => {
    const database = open(postgres.connectionString, { pools: { critical: 2, background: 8 } });
    let served = 0;
    const flood = Array.from({ length: 8 }, () =>
      database.query('background', 'SELECT pg_sleep(0.2)', []).then(() => served++),
    );

    const order = await database.query('critical', 'SELECT 1 AS one', []);

    expect(order).toEqual([{ one: 1 }]);
    // One at a time: most of the flood still waits.
    expect(served).toBeLessThan(4);
    await Promise.allSettled(flood);
  });

  test('a statement whose caller leaves is cancelled', async () => {
    const database = open(postgres.connectionString);
    const leave = new AbortController();
    const slow = database.query('critical', 'SELECT pg_sleep(20) /* left */', [], leave.signal);
    setTimeout(() => leave.abort(new Error('left')), 100);

    await expect(slow).rejects.toThrow('left');
    const running = () =>
      sql(
        postgres.connectionString,
        "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%/* left */' AND pid <> pg_backend_pid()",
      );
    await eventually(async () => expect(await running()).toEqual([]), 5_000);
  });
});
