import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { setUserPassword } from '../../../service/app/users.ts';
import { openDatabase, sql, startPostgres, type TestPostgres } from '../../store/test-postgres.ts';
import { startAnsweringUpstream, type AnsweringUpstream } from '../../support/answering-upstream.ts';
import { eventually } from '../../support/eventually.ts';
import { startFaultProxy, type FaultProxy } from '../../support/fault-proxy.ts';
import { ask } from '../../support/gateway.ts';
import { median, startProgram, timed, type GatewayProgram } from '../../support/program.ts';

/** The longest that an order takes to be refused, on a busy machine: connection, statement and network's grace. */
const BOUND_MS = 6_000;
const AT_ONCE_MS = 250;
const JSON_TYPE = { 'content-type': 'application/json' };

describe('while Postgres fails', () => {
  let postgres: TestPostgres;
  let proxy: FaultProxy;
  let upstream: AnsweringUpstream;
  let gateway: GatewayProgram;
  let session: Readonly<Record<string, string>>;
  let asked = 0;
  let thaw: () => void = () => undefined;

  beforeAll(async () => {
    [postgres, upstream] = await Promise.all([startPostgres(), startAnsweringUpstream()]);
    const address = new URL(postgres.connectionString);
    proxy = await startFaultProxy(Number(address.port));
    address.port = String(proxy.port);
    gateway = await startProgram({
      values: [
        'limits.address=100000/s',
        'limits.key=100000/s',
        'limits.global.bucket.capacity=1000000',
        'routes.search.limit=100000/s',
        'datastores.postgres.statementTimeout=1s',
        'datastores.postgres.acquireTimeout=2s',
        'resilience.breakers.postgres.consecutiveFailures=3',
        'resilience.breakers.postgres.open=500ms',
      ],
      variables: { DATABASE_URL: address.href, UPSTREAM_ORIGIN: upstream.origin, WORKERS: '2' },
    });
    const database = openDatabase(postgres.connectionString);
    await eventually(() => setUserPassword(database, 'alice', 'correct horse'));
    await database.close();
    const login = JSON.stringify({ username: 'alice', password: 'correct horse' });
    const { text } = await ask(gateway.port, 'POST', '/login', JSON_TYPE, login);
    session = { authorization: `Bearer ${(JSON.parse(text) as { token: string }).token}` };
    await isWell();
  });
  afterAll(async () => {
    await gateway.stop();
    await Promise.all([proxy.close(), upstream.close()]);
    await postgres.remove();
  });
  afterEach(async () => {
    thaw();
    proxy.set({ kind: 'none' });
    await isWell();
    expect(await gateway.metric('gateway_worker_restarts_total')).toBe(0);
    expect(gateway.log()).not.toMatch(/unhandled|uncaught/i);
  });

  const search = () => timed(() => ask(gateway.port, 'GET', `/v1/search?q=${asked++}`));
  const order = (key = `k${asked++}`) => {
    const body = JSON.stringify({ item: key, quantity: 1 });
    return timed(() =>
      ask(gateway.port, 'POST', '/create-order', { ...JSON_TYPE, ...session, 'idempotency-key': key }, body),
    );
  };
  const readLogs = () => timed(() => ask(gateway.port, 'GET', '/logs?contains=x', session));
  const openBreakers = () => gateway.metric('gateway_breakers_open', 'breaker="postgres"');
  async function isWell(): Promise<void> {
    await eventually(async () => {
      // Of each of two workers.
      const statuses = [await order(), await order(), await order(), await order()].map(({ status }) => status);
      expect(statuses).toEqual([201, 201, 201, 201]);
      expect(await openBreakers()).toBe(0);
      expect(await gateway.metric('http_server_active_requests')).toBe(0);
      expect(await gateway.metric('gateway_postgres_pool_waiting')).toBe(0);
    }, 20_000);
  }

  test.each<[string, () => Promise<void> | void]>([
    ['is frozen', async () => void (thaw = await postgres.freeze())],
    ['is black-holed', () => proxy.set({ kind: 'black-hole' })],
    ['refuses connections', () => proxy.set({ kind: 'refuse' })],
    ['resets connections', () => proxy.set({ kind: 'reset' })],
  ])('and %s, everyone is answered in time, soon at once, and searches go on', async (_name, breakIt) => {
    await breakIt();
    const first = await Promise.all(Array.from({ length: 20 }, () => order()));
    for (const { status, ms } of first) {
      expect([503, 504]).toContain(status);
      expect(ms).toBeLessThan(BOUND_MS);
    }
    const later: { readonly status: number }[] = [];
    await eventually(async () => {
      later.push(...(await Promise.all(Array.from({ length: 6 }, () => order()))));
      expect(await openBreakers()).toBe(2);
    });
    expect(later.filter(({ status }) => status === 201)).toEqual([]);

    // What finds a breaker open is refused at once; a probe may wait for its time.
    const refused = await Promise.all(Array.from({ length: 20 }, () => order()));
    for (const { status, headers } of refused) {
      expect([503, 504]).toContain(status);
      if (status === 503) expect(headers['retry-after']).toMatch(/^\d+$/);
    }
    expect(median(refused.map(({ ms }) => ms))).toBeLessThan(AT_ONCE_MS);
    const searches = [];
    for (let request = 0; request < 10; request++) searches.push(await search());
    expect(searches.map(({ status }) => status)).toEqual(searches.map(() => 200));
    expect(median(searches.map(({ ms }) => ms))).toBeLessThan(AT_ONCE_MS);
  });

  test('and others have all its connections, everyone is answered in time', async () => {
    const [row] = await sql(postgres.connectionString, 'SHOW max_connections');
    const others = Array.from(
      { length: Number(row?.max_connections) },
      () => new Client({ connectionString: postgres.connectionString }),
    );
    for (const other of others) other.on('error', () => undefined);
    // The gateway's own end, and others take their places.
    proxy.set({ kind: 'reset' });
    await eventually(async () => {
      const text = "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend'";
      expect(await sql(postgres.connectionString, text)).toHaveLength(1);
    });
    await Promise.allSettled(others.map((other) => other.connect()));
    proxy.set({ kind: 'none' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => order()));
    for (const { status, ms } of answers) {
      expect(status).toBe(503);
      expect(ms).toBeLessThan(BOUND_MS);
    }
    expect((await search()).status).toBe(200);
    await Promise.all(others.map((other) => other.end().catch(() => undefined)));
  });

  test('and crashes again and again, no order that it acknowledged is lost, and none is kept twice', async () => {
    const acknowledged = new Map<string, string>();
    let failures = 0;
    const orderUntilKept = (key: string) =>
      eventually(async () => {
        const { status, text, ms } = await order(key);
        expect(ms).toBeLessThan(BOUND_MS);
        if (status !== 201) failures++;
        expect(status).toBe(201);
        return (JSON.parse(text) as { id: string }).id;
      }, 30_000);
    const customers = Promise.all(
      Array.from({ length: 8 }, async (_, name) => {
        for (let number = 0; number < 40; number++) {
          const key = `crash-${name}-${number}`;
          acknowledged.set(key, await orderUntilKept(key));
        }
      }),
    );
    for (const share of [40, 160]) {
      await eventually(() => expect(acknowledged.size).toBeGreaterThan(share), 30_000, 1);
      await postgres.crash();
    }
    await customers;
    const rows = await eventually(() =>
      sql(postgres.connectionString, "SELECT idempotency_key AS key, id FROM orders WHERE item LIKE 'crash-%'"),
    );
    expect(rows).toHaveLength(acknowledged.size);
    expect(new Map(rows.map(({ key, id }) => [key, id]))).toEqual(acknowledged);
    expect(failures).toBeGreaterThan(0);
  });

  test('a flood of slow GET /logs slows no order and no search', async () => {
    const orders = async (): Promise<number> => {
      const answers = [];
      for (let request = 0; request < 40; request++) answers.push(await order());
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
      return median(answers.map(({ ms }) => ms));
    };
    const usual = await orders();
    const lock = new Client({ connectionString: postgres.connectionString });
    lock.on('error', () => undefined);
    await lock.connect();
    await lock.query('BEGIN; LOCK TABLE logs IN ACCESS EXCLUSIVE MODE');
    let flooding = true;
    const flood = Array.from({ length: 100 }, async () => {
      const answers = [];
      while (flooding) answers.push(await readLogs());
      return answers;
    });
    try {
      await eventually(async () =>
        expect(await gateway.metric('gateway_postgres_pool_waiting', 'lane="background"')).toBeGreaterThan(5),
      );
      // The flood itself takes some of the two processors; a place in its queue would take seconds.
      expect(await orders()).toBeLessThan(usual + 150);
      const searches = [];
      for (let request = 0; request < 10; request++) searches.push(await search());
      expect(searches.map(({ status }) => status)).toEqual(searches.map(() => 200));
    } finally {
      flooding = false;
      await lock.end();
    }
    const answers = (await Promise.all(flood)).flat();
    expect(answers.filter(({ status }) => ![200, 503, 504].includes(status))).toEqual([]);
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(2 * BOUND_MS);
  });
});
