import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Database } from '../../../service/store/postgres.ts';
import { eventually } from '../../support/eventually.ts';
import { openDatabase, sql, startPostgres, type TestPostgres } from '../test-postgres.ts';

const problem = (code: string): unknown => expect.objectContaining({ name: 'Problem', code });

describe('a transaction', () => {
  let postgres: TestPostgres;
  let database: Database;

  beforeAll(async () => {
    postgres = await startPostgres();
    await sql(postgres.connectionString, 'CREATE TABLE kept (id int PRIMARY KEY)');
    // Fails as late as a statement can: when all is committed.
    await sql(
      postgres.connectionString,
      `CREATE FUNCTION end_backend() RETURNS trigger LANGUAGE plpgsql AS
       'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'`,
    );
    database = openDatabase(postgres.connectionString);
  });

  afterEach(() => sql(postgres.connectionString, 'DELETE FROM kept'));

  afterAll(async () => {
    await database.close();
    await postgres.remove();
  });

  const kept = async (): Promise<unknown[]> =>
    (await sql(postgres.connectionString, 'SELECT id FROM kept ORDER BY id')).map(({ id }) => id);

  test('keeps all of its statements and gives what its work gives', async () => {
    const made = await database.transaction('critical', async (query) => {
      await query('INSERT INTO kept VALUES ($1)', [1]);
      await query('INSERT INTO kept VALUES ($1)', [2]);
      return query('SELECT count(*)::int AS count FROM kept', []);
    });

    expect(made).toEqual([{ count: 2 }]);
    expect(await kept()).toEqual([1, 2]);
  });

  test('keeps none when its work throws, and its connection serves the next', async () => {
    const pid = await database.query('critical', 'SELECT pg_backend_pid()', []);

    const failed = database.transaction('critical', async (query) => {
      await query('INSERT INTO kept VALUES (1)', []);
      throw new RangeError('no');
    });

    await expect(failed).rejects.toThrow(RangeError);
    expect(await kept()).toEqual([]);
    expect(await database.query('critical', 'SELECT pg_backend_pid()', [])).toEqual(pid);
  });

  test('keeps none when a statement fails, and is not taken for done when its work ignores that', async () => {
    const statements = async (query: Parameters<Parameters<Database['transaction']>[1]>[0]): Promise<void> => {
      await query('INSERT INTO kept VALUES (1)', []);
      await query('INSERT INTO kept VALUES (1)', []);
    };

    await expect(database.transaction('critical', statements)).rejects.toMatchObject({ code: '23505' });
    const ignored = database.transaction('critical', (query) => statements(query).catch(() => undefined));

    await expect(ignored).rejects.toThrow('nothing of it was kept');
    expect(await kept()).toEqual([]);
  });

  test('is undone when its caller leaves, and holds nothing any more', async () => {
    const left = new AbortController();
    const transaction = database.transaction(
      'critical',
      async (query) => {
        await query('INSERT INTO kept VALUES (1)', []);
        left.abort('left');
        await query('INSERT INTO kept VALUES (2)', []);
      },
      left.signal,
    );

    await expect(transaction).rejects.toBe('left');
    await eventually(() => expect(database.connections('critical').inUse).toBe(0));
    expect(await kept()).toEqual([]);
  });

  test('whose connection breaks in the middle keeps nothing and fails as store-unavailable', async () => {
    const transaction = database.transaction('critical', async (query) => {
      await query('INSERT INTO kept VALUES (1)', []);
      await query('SELECT pg_terminate_backend(pg_backend_pid())', []);
    });

    await expect(transaction).rejects.toEqual(problem('store-unavailable'));
    expect(await kept()).toEqual([]);
    await expect(database.ping()).resolves.toBeUndefined();
  });

  test('whose connection breaks in the commit says that its end is not known and that it may be sent again', async () => {
    await sql(
      postgres.connectionString,
      `CREATE CONSTRAINT TRIGGER breaks AFTER INSERT ON kept DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION end_backend()`,
    );

    const transaction = database.transaction('critical', (query) => query('INSERT INTO kept VALUES (1)', []));

    await expect(transaction).rejects.toMatchObject({
      code: 'store-unavailable',
      message: expect.stringContaining('Idempotency-Key'),
    });
    await sql(postgres.connectionString, 'DROP TRIGGER breaks ON kept');
    await expect(database.ping()).resolves.toBeUndefined();
  });
});
