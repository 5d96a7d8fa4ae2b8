import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { definition } from '../../service/definition/index.ts';
import { Problem } from '../../service/gateway/problem.ts';
import { createBreaker } from '../../service/resilience/index.ts';
import type { Database } from '../../service/store/postgres.ts';
import { eventually } from '../support/eventually.ts';
import { openDatabase, sql, startPostgres, type TestPostgres } from './test-postgres.ts';

const problem = (code: string): unknown => expect.objectContaining({ name: 'Problem', code });
const BREAKER = definition.dev.resilience.breakers.postgres;

describe('the database', () => {
  let postgres: TestPostgres;
  const opened: Database[] = [];
  const open: typeof openDatabase = (connectionString, options) => {
    const database = openDatabase(connectionString, options);
    opened.push(database);
    return database;
  };

  beforeAll(async () => {
    postgres = await startPostgres();
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
  });

  afterAll(() => postgres.remove());

  const findPid = async (database: Database): Promise<number> => {
    const [row] = await database.query<{ pid: number }>('critical', 'SELECT pg_backend_pid() AS pid', []);
    return row?.pid ?? 0;
  };
  const isRunning = async (text: string): Promise<boolean> => {
    const rows = await sql(postgres.connectionString, 'SELECT query FROM pg_stat_activity');
    return rows.some(({ query }) => query === text);
  };

  test('answers with the rows of a statement, and connects when first asked', async () => {
    const database = open(postgres.connectionString);
    expect(database.connections('critical').open).toBe(0);

    const rows = await database.query('critical', 'SELECT $1::int + 1 AS next', [41]);

    expect(rows).toEqual([{ next: 42 }]);
    expect(database.connections('critical').open).toBe(1);
    expect(database.connections('background').open).toBe(0);
    await expect(database.ping()).resolves.toBeUndefined();
  });

  test('a lane whose connections are all taken takes none of the other lane', async () => {
    const database = open(postgres.connectionString, { pools: { critical: 1, background: 2 } });
    const sleep = 'SELECT pg_sleep(60)';
    const left = new AbortController();
    const flood = [1, 2, 3, 4].map(() =>
      database.query('background', sleep, [], left.signal).catch((reason: unknown) => reason),
    );
    await eventually(async () => expect(await isRunning(sleep)).toBe(true));

    const rows = await database.query('critical', 'SELECT 1 AS one', []);

    expect(rows).toEqual([{ one: 1 }]);
    expect(database.connections('background').open).toBe(2);
    left.abort('left');
    expect(await Promise.all(flood)).toEqual(['left', 'left', 'left', 'left']);
  });

  test('a query that waits too long for a connection fails as overloaded, and Postgres is not to blame', async () => {
    const kinds: string[] = [];
    const breaker = createBreaker({ name: 'postgres', settings: { ...BREAKER, consecutiveFailures: 1 } });
    const database = open(postgres.connectionString, {
      acquireTimeout: '100ms',
      breaker,
      onError: (_error, kind) => kinds.push(kind),
    });
    const slow = database.query('critical', 'SELECT pg_sleep(1)', []);

    await expect(database.query('critical', 'SELECT 1', [])).rejects.toMatchObject({
      code: 'overloaded',
      details: { headers: ['retry-after', '1'] },
    });

    expect(kinds).toEqual(['exhausted']);
    expect(breaker.state).toBe('closed');
    await slow;
  });

  test('no more than a bounded number of queries waits for a connection', async () => {
    const database = open(postgres.connectionString, { maxWaiting: 2 });
    const left = new AbortController();
    const queries = [1, 2, 3].map(() =>
      database.query('critical', 'SELECT pg_sleep(60)', [], left.signal).catch((reason: unknown) => reason),
    );

    await expect(database.query('critical', 'SELECT 1', [])).rejects.toEqual(problem('overloaded'));

    expect(database.connections('critical')).toMatchObject({ inUse: 1, waiting: 2, limit: 1 });
    left.abort('left');
    expect(await Promise.all(queries)).toEqual(['left', 'left', 'left']);
    expect(database.connections('critical')).toMatchObject({ waiting: 0 });
  });

  test('a burst opens further connections, which are closed again when it is over', async () => {
    const database = open(postgres.connectionString, { overflow: { critical: 2, background: 0 } });
    const burst = Array.from({ length: 8 }, () => database.query('critical', 'SELECT pg_sleep(0.2)', []));
    await eventually(() => expect(database.connections('critical')).toMatchObject({ open: 3, inUse: 3, waiting: 5 }));

    await Promise.all(burst);

    expect(database.connections('critical')).toEqual({ open: 3, idle: 3, inUse: 0, waiting: 0, limit: 3 });
    await eventually(() => expect(database.connections('critical')).toMatchObject({ open: 1, idle: 1 }));
  });

  test('a connection that has reached its age is replaced', async () => {
    const database = open(postgres.connectionString, { recycle: '200ms' });
    const pid = await findPid(database);

    await eventually(() => expect(database.connections('critical').open).toBe(0));

    expect(await findPid(database)).not.toBe(pid);
  });

  test('a statement that runs too long fails as deadline-exceeded and leaves its connection usable', async () => {
    const database = open(postgres.connectionString, { statementTimeout: '100ms' });
    const pid = await findPid(database);

    await expect(database.query('critical', 'SELECT pg_sleep(60)', [])).rejects.toEqual(problem('deadline-exceeded'));

    expect(await findPid(database)).toBe(pid);
  });

  test('a server that falls silent fails as deadline-exceeded and its connection is given up', async () => {
    const database = open(postgres.connectionString, { statementTimeout: '100ms' });
    const pid = await findPid(database);
    process.kill(pid, 'SIGSTOP');
    try {
      await expect(database.query('critical', 'SELECT 1', [])).rejects.toEqual(problem('deadline-exceeded'));

      expect(await findPid(database)).not.toBe(pid);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  test.each([
    ['Postgres ends it', (pid: number) => sql(postgres.connectionString, `SELECT pg_terminate_backend(${pid})`)],
    ['it breaks without a word', (pid: number) => process.kill(pid, 'SIGKILL')],
  ])('a query fails as store-unavailable when its connection is cut: %s', async (_how, cut) => {
    const database = open(postgres.connectionString);
    const sleep = 'SELECT pg_sleep(61)';
    const pid = await findPid(database);
    const query = database.query('critical', sleep, []).catch((error: unknown) => error);
    await eventually(async () => expect(await isRunning(sleep)).toBe(true));

    await cut(pid);

    expect(await query).toEqual(problem('store-unavailable'));
    expect(await eventually(() => findPid(database))).not.toBe(pid);
  });

  test('a connection that is cut between two queries is told and replaced', async () => {
    const errors: Error[] = [];
    const database = open(postgres.connectionString, { onError: (error) => errors.push(error) });
    const pid = await findPid(database);

    await sql(postgres.connectionString, `SELECT pg_terminate_backend(${pid})`);

    await eventually(() => expect(errors).toHaveLength(1));
    expect(errors[0]).not.toBeInstanceOf(Problem);
    expect(await findPid(database)).not.toBe(pid);
  });

  test("what is wrong with a statement stays Postgres's own error", async () => {
    const errors: Error[] = [];
    const database = open(postgres.connectionString, { onError: (error) => errors.push(error) });
    await database.query('critical', 'CREATE TABLE single (id int PRIMARY KEY)', []);
    await database.query('critical', 'INSERT INTO single VALUES (1)', []);

    const again = database.query('critical', 'INSERT INTO single VALUES (1)', []);

    await expect(again).rejects.toMatchObject({ name: 'error', code: '23505' });
    expect(errors).toEqual([]);
  });

  test('an aborted query rejects with the reason at once, and is not run when it still waited', async () => {
    const database = open(postgres.connectionString);
    await database.query('critical', 'CREATE TABLE written (id int)', []);
    const running = database.query('critical', 'SELECT pg_sleep(0.5)', []);
    const left = new AbortController();
    const waiting = database.query('critical', 'INSERT INTO written VALUES (1)', [], left.signal);

    left.abort(new DOMException('The client left', 'AbortError'));

    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    await running;
    expect(await database.query('critical', 'SELECT * FROM written', [])).toEqual([]);
  });

  test('a statement whose caller left is cancelled, and its connection serves the next', async () => {
    const database = open(postgres.connectionString);
    const pid = await findPid(database);
    const sleep = 'SELECT pg_sleep(62)';
    const left = new AbortController();
    const query = database.query('critical', sleep, [], left.signal);
    await eventually(async () => expect(await isRunning(sleep)).toBe(true));

    left.abort('left');

    await expect(query).rejects.toBe('left');
    expect(await findPid(database)).toBe(pid);
  });

  test('a statement that cannot be cancelled loses its connection, and its lane has room again', async () => {
    const errors: Error[] = [];
    const database = open(postgres.connectionString, { onError: (error) => errors.push(error) });
    const pid = await findPid(database);
    const sleep = 'SELECT pg_sleep(63)';
    const left = new AbortController();
    const query = database.query('critical', sleep, [], left.signal);
    await eventually(async () => expect(await isRunning(sleep)).toBe(true));
    process.kill(pid, 'SIGSTOP');
    try {
      left.abort('left');

      await expect(query).rejects.toBe('left');
      expect(await findPid(database)).not.toBe(pid);
      expect(errors).toEqual([]);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  test('is made while Postgres is down, and says so only when asked', async () => {
    const database = open('postgres://nobody:nothing@127.0.0.1:1/none');

    await expect(database.ping()).rejects.toEqual(problem('store-unavailable'));
  });

  test('close waits for what runs, and is the same the second time', async () => {
    const database = openDatabase(postgres.connectionString);
    const running = database.query('critical', 'SELECT pg_sleep(0.3), 1 AS one', []);
    await eventually(() => expect(database.connections('critical').open).toBe(1));

    await Promise.all([database.close(), database.close()]);

    await expect(running).resolves.toEqual([{ pg_sleep: '', one: 1 }]);
    expect(database.connections('critical').open).toBe(0);
    await expect(database.ping()).rejects.toEqual(problem('store-unavailable'));
  });
});
