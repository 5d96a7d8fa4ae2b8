import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { createReadLogsHandler } from '../../service/app/logs.ts';
import { createOrderHandler } from '../../service/app/orders.ts';
import { definition } from '../../service/definition/index.ts';
import { createBreaker } from '../../service/resilience/index.ts';
import { migrate } from '../../service/store/migrate.ts';
import { poolShare, type Database } from '../../service/store/postgres.ts';
import { openDatabase, startPostgres, type TestPostgres } from '../store/test-postgres.ts';
import { eventually } from '../support/eventually.ts';
import { exchangeFor, leave } from './exchange.ts';

const { datastores, resilience } = definition.prod;
let postgres: TestPostgres;
let database: Database;
const breaker = createBreaker({ name: 'postgres', settings: resilience.breakers.postgres });

beforeAll(async () => {
  postgres = await startPostgres();
  await migrate(postgres.connectionString, { log: () => undefined });
  database = openDatabase(postgres.connectionString, { ...poolShare(datastores.postgres, 2), breaker });
});

afterAll(async () => {
  await database.close();
  await postgres.remove();
});

test('a flood of GET /logs that never end keeps no POST /create-order waiting', async () => {
  const lock = new Client({ connectionString: postgres.connectionString });
  await lock.connect();
  await lock.query('BEGIN; LOCK TABLE logs IN ACCESS EXCLUSIVE MODE');
  const readLogs = createReadLogsHandler(database);
  const createOrder = createOrderHandler(database);
  let ended = 0;
  const reads = Array.from({ length: 20 }, () => exchangeFor('readLogs', readLogs, {}));
  const flood = reads.map((exchange) =>
    Promise.resolve(readLogs(exchange))
      .catch((error: unknown) => error)
      .finally(() => ended++),
  );
  await eventually(() => {
    const { inUse, waiting, limit } = database.connections('background');
    expect([inUse, waiting]).toEqual([limit, 20 - limit]);
  });

  const orders = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const exchange = exchangeFor('createOrder', createOrder, { body: { item: 'lamp', quantity: 1 } });
      const { status } = await createOrder(exchange);
      exchange.stopDeadline();
      return status;
    }),
  );

  expect(orders.filter((status) => status !== 201)).toEqual([]);
  expect(ended).toBe(0);
  expect(breaker.state).toBe('closed');

  for (const exchange of reads) leave(exchange);
  const errors = await Promise.all(flood);
  expect(new Set(errors.map((error) => (error as Error).name))).toEqual(new Set(['AbortError']));
  // What Postgres still had to do for them is cancelled: the lane serves again although the lock still holds.
  expect(await database.query('background', 'SELECT 1 AS one', [])).toEqual([{ one: 1 }]);
  await lock.end();
});
