import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { createOrderHandler } from '../../service/app/orders.ts';
import { definition } from '../../service/definition/index.ts';
import { Problem } from '../../service/gateway/problem.ts';
import { createBreaker, type Breaker } from '../../service/resilience/index.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../service/store/embedded-postgres.ts';
import { migrate } from '../../service/store/migrate.ts';
import type { Database } from '../../service/store/postgres.ts';
import { exchangeFor } from '../app/exchange.ts';
import { eventually } from '../support/eventually.ts';
import { startForwarder, type Forwarder } from './forwarder.ts';
import { makeFolder, openDatabase, sql, startPostgres, type TestPostgres } from './test-postgres.ts';

const problem = (code: string): unknown => expect.objectContaining({ name: 'Problem', code });

describe('when Postgres fails, the database', () => {
  let postgres: TestPostgres;
  const opened: Database[] = [];
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  const open: typeof openDatabase = (connectionString, options) => {
    const database = openDatabase(connectionString, options);
    opened.push(database);
    return database;
  };
  const breakerThatOpensFor = (time: '100ms' | '10m'): Breaker =>
    createBreaker({
      name: 'postgres',
      settings: { ...definition.dev.resilience.breakers.postgres, consecutiveFailures: 3, open: time },
    });

  beforeAll(async () => {
    process.on('unhandledRejection', onUnhandled);
    postgres = await startPostgres();
    await migrate(postgres.connectionString, { log: () => undefined });
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
    expect(unhandled).toEqual([]);
  });

  afterAll(async () => {
    await postgres.remove();
    process.off('unhandledRejection', onUnhandled);
  });

  test('lets nobody hang while it is frozen, soon refuses at once, and works again when it thaws', async () => {
    const breaker = breakerThatOpensFor('100ms');
    const database = open(postgres.connectionString, {
      pools: { critical: 2, background: 1 },
      statementTimeout: '200ms',
      acquireTimeout: '500ms',
      maxWaiting: 4,
      breaker,
    });
    await Promise.all([1, 2].map(() => database.query('critical', 'SELECT pg_sleep(0.1)', [])));
    const thaw = await postgres.freeze();
    const errors: Problem[] = [];
    try {
      // Each round is answered: by the time of the statement, of the connection, or of the wait for one.
      while (breaker.state !== 'open') {
        const round = Array.from({ length: 6 }, () => database.query('critical', 'SELECT 1', []));
        for (const outcome of await Promise.allSettled(round)) {
          if (outcome.status === 'rejected') errors.push(outcome.reason as Problem);
        }
      }

      await expect(database.ping()).rejects.toMatchObject({
        code: 'store-unavailable',
        details: { headers: ['retry-after', expect.stringMatching(/^\d+$/)] },
      });
      expect(new Set(errors.map(({ code }) => code))).toEqual(
        new Set(['deadline-exceeded', 'overloaded', 'store-unavailable']),
      );
      expect(database.connections('critical')).toMatchObject({ inUse: 0, waiting: 0 });
    } finally {
      thaw();
    }
    await eventually(() => database.ping());
    expect(breaker.state).toBe('closed');
  });

  test('answers while every connection that Postgres takes is taken, and works again when one is free', async () => {
    const [row] = await sql(postgres.connectionString, 'SHOW max_connections');
    const breaker = breakerThatOpensFor('100ms');
    const database = open(postgres.connectionString, { breaker });
    const others = Array.from(
      { length: Number(row?.max_connections) },
      () => new Client({ connectionString: postgres.connectionString }),
    );
    for (const other of others) other.on('error', () => undefined);
    // What was used before may still be about to end.
    await eventually(async () => {
      const text = "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend'";
      expect(await sql(postgres.connectionString, text)).toHaveLength(1);
    });
    await Promise.allSettled(others.map((other) => other.connect()));

    await expect(database.ping()).rejects.toEqual(problem('store-unavailable'));
    await expect(database.ping()).rejects.toEqual(problem('store-unavailable'));
    await expect(database.ping()).rejects.toEqual(problem('store-unavailable'));

    expect(breaker.state).toBe('open');
    await Promise.all(others.map((other) => other.end()));
    await eventually(() => database.ping());
  });

  test('loses no order that it acknowledged and keeps none twice while it crashes again and again', async () => {
    const database = open(postgres.connectionString, {
      pools: { critical: 4, background: 1 },
      breaker: breakerThatOpensFor('100ms'),
    });
    const handler = createOrderHandler(database);
    const order = async (key: string): Promise<string> => {
      const init = { body: { item: key, quantity: 1 }, headers: { 'idempotency-key': key } };
      const exchange = exchangeFor('createOrder', handler, init);
      try {
        const { body } = await handler(exchange);
        return (JSON.parse(body as string) as { id: string }).id;
      } finally {
        exchange.stopDeadline();
      }
    };
    const failures: unknown[] = [];
    const orderUntilKept = (key: string): Promise<string> =>
      eventually(
        () =>
          order(key).catch((error: unknown) => {
            failures.push(error);
            throw error;
          }),
        60_000,
      );
    const acknowledged = new Map<string, string>();
    const customer = async (name: number): Promise<void> => {
      for (let number = 0; number < 40; number++) {
        const key = `${name}-${number}`;
        acknowledged.set(key, await orderUntilKept(key));
      }
    };
    const customers = Promise.all(Array.from({ length: 8 }, (_, name) => customer(name)));

    for (const share of [40, 120, 200]) {
      await eventually(() => expect(acknowledged.size).toBeGreaterThan(share), 60_000);
      await postgres.crash();
    }
    await customers;

    const kept = await eventually(() =>
      sql(postgres.connectionString, 'SELECT idempotency_key AS key, id FROM orders'),
    );
    expect(kept).toHaveLength(320);
    expect(new Map(kept.map(({ key, id }) => [key, id]))).toEqual(acknowledged);
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.filter((failure) => !(failure instanceof Problem))).toEqual([]);
  });
});

describe('behind a network the database', () => {
  const directory = makeFolder();
  let postgres: EmbeddedPostgres;
  let forwarder: Forwarder;
  let database: Database;
  let clockAhead = 0;

  const portOf = ({ connectionString }: EmbeddedPostgres): number => Number(new URL(connectionString).port);
  const start = (): Promise<EmbeddedPostgres> => startEmbeddedPostgres({ directory, log: () => undefined });
  const pids = async (): Promise<Set<number | undefined>> => {
    const queries = [1, 2, 3].map(() =>
      database.query<{ pid: number }>('critical', 'SELECT pg_backend_pid() AS pid, pg_sleep(0.1)', []),
    );
    return new Set((await Promise.all(queries)).map(([row]) => row?.pid));
  };

  beforeAll(async () => {
    postgres = await start();
    forwarder = await startForwarder(portOf(postgres));
    const address = new URL(postgres.connectionString);
    address.port = String(forwarder.port);
    database = openDatabase(address.href, {
      pools: { critical: 3, background: 1 },
      now: () => performance.now() + clockAhead,
    });
  });

  afterAll(async () => {
    await database.close();
    await forwarder.close();
    await postgres.stop();
    rmSync(directory, { recursive: true });
  });

  test('lets nobody see the connections that a restart of Postgres has left behind', async () => {
    expect((await pids()).size).toBe(3);

    forwarder.target = undefined;
    await postgres.stop();
    await expect(database.ping()).rejects.toEqual(problem('store-unavailable'));
    postgres = await start();
    forwarder.target = portOf(postgres);

    expect((await pids()).size).toBe(3);
  });

  test('lets nobody see the connections that the network has forgotten, and asks only one of them', async () => {
    const before = await pids();
    forwarder.silence();
    clockAhead += 5_000;
    const startedAt = performance.now();

    const [row] = await database.query<{ pid: number }>('critical', 'SELECT pg_backend_pid() AS pid', []);

    expect(before.has(row?.pid)).toBe(false);
    expect(database.connections('critical').open).toBe(1);
    // A second for the one that was asked; three of them take three at least.
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});
