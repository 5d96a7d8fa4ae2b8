import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { createOrderHandler } from '../../service/app/orders.ts';
import { createPaymentHandler } from '../../service/app/payment.ts';
import type { Upstream } from '../../service/app/ports.ts';
import { definition } from '../../service/definition/index.ts';
import type { Caller, Handler } from '../../service/gateway/exchange.ts';
import type { Reply } from '../../service/gateway/reply.ts';
import { createUpstreamClient, type UpstreamClient } from '../../service/gateway/upstream/index.ts';
import { createBreaker, type Breaker } from '../../service/resilience/index.ts';
import { migrate } from '../../service/store/migrate.ts';
import type { Database } from '../../service/store/postgres.ts';
import { startUpstream, type RunningUpstream } from '../../service/upstream/index.ts';
import { openDatabase, sql, startPostgres, type TestPostgres } from '../store/test-postgres.ts';
import { eventually } from '../support/eventually.ts';
import { exchangeFor, leave } from './exchange.ts';

const problem = (code: string): unknown => expect.objectContaining({ name: 'Problem', code });
const keyCaller = (owner: string): Caller => ({ id: `key:${owner}`, kind: 'key', owner });

describe('POST /payment', () => {
  let postgres: TestPostgres;
  let provider: RunningUpstream;
  let client: UpstreamClient;
  let database: Database;
  let breaker: Breaker;
  /** Requests that reached the provider. */
  let charges: number;
  /** What a test does to the answers of the provider. */
  let meddle: (answer: ReturnType<Upstream['fetch']>) => ReturnType<Upstream['fetch']>;
  let keys = 0;

  const upstream: Upstream = {
    fetch(request) {
      return meddle(client.fetch(request));
    },
  };
  const newKey = (): string => `key-${keys++}`;
  const run = async (id: string, handler: Handler, init: Parameters<typeof exchangeFor>[2]): Promise<Reply> => {
    const exchange = exchangeFor(id, handler, init);
    try {
      return await handler(exchange);
    } finally {
      exchange.stopDeadline();
    }
  };
  const newOrder = async (): Promise<string> => {
    const { body } = await run('createOrder', createOrderHandler(database), { body: { item: 'lamp', quantity: 1 } });
    return (JSON.parse(body as string) as { id: string }).id;
  };
  const bodyFor = (order: string, more: object = {}): object => {
    return { order, amount: 1_250, currency: 'EUR', method: 'card_1', ...more };
  };
  const handler = (): Handler => createPaymentHandler({ database, upstream, breaker });
  const pay = (key: string | undefined, body: object, caller?: Caller): Promise<Reply> =>
    run('pay', handler(), {
      body,
      headers: key === undefined ? {} : { 'idempotency-key': key },
      ...(caller && { caller }),
    });
  const valueOf = ({ body }: Reply): Record<string, unknown> => JSON.parse(body as string) as Record<string, unknown>;
  const rows = (order: string): Promise<Record<string, unknown>[]> =>
    sql(postgres.connectionString, `SELECT status, provider_id FROM payments WHERE order_id = '${order}'`);

  beforeAll(async () => {
    [postgres, provider] = await Promise.all([startPostgres(), startUpstream({ port: 0, modules: '/nowhere' })]);
    provider.ready.catch(() => undefined);
    await migrate(postgres.connectionString, { log: () => undefined });
    database = openDatabase(postgres.connectionString, { pools: { critical: 4, background: 1 } });
    client = createUpstreamClient({
      origin: `http://127.0.0.1:${provider.port}`,
      settings: { ...definition.dev.upstream, backoff: '1ms' },
      onAttempt: (outcome) => (charges += outcome === 'refused' ? 0 : 1),
    });
  });

  beforeEach(() => {
    charges = 0;
    meddle = (answer) => answer;
    breaker = createBreaker({ name: 'payment', settings: definition.dev.resilience.breakers.payment });
  });

  afterAll(async () => {
    await Promise.all([database.close(), client.close()]);
    await Promise.all([provider.close(0), postgres.remove()]);
  });

  test('pays an order, and the same key answers the same without asking the provider again', async () => {
    const [order, key] = [await newOrder(), newKey()];

    const first = await pay(key, bodyFor(order));
    const second = await pay(key, bodyFor(order));

    expect(first.status).toBe(201);
    expect(first.headers).toEqual(expect.arrayContaining(['cache-control', 'no-store']));
    expect(valueOf(first)).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      order,
      amount: 1_250,
      currency: 'EUR',
      status: 'paid',
      created_at: expect.stringMatching(/Z$/),
    });
    expect(second).toEqual(first);
    expect(charges).toBe(1);
  });

  test('makes one payment of requests that come at once', async () => {
    const [order, key] = [await newOrder(), newKey()];
    const lock = new Client({ connectionString: postgres.connectionString });
    await lock.connect();
    await lock.query(`BEGIN; SELECT 1 FROM orders WHERE id = '${order}' FOR UPDATE`);
    const replies = Promise.all([1, 2, 3, 4].map(() => pay(key, bodyFor(order))));
    await eventually(async () => {
      const waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
      expect(await sql(postgres.connectionString, waiting)).toHaveLength(4);
    });

    await lock.end();

    expect(new Set((await replies).map(({ body }) => body)).size).toBe(1);
    expect(await rows(order)).toHaveLength(1);
  });

  test('answers a declined payment as such every time, and another may be tried', async () => {
    const [order, key] = [await newOrder(), newKey()];
    const declined = bodyFor(order, { amount: 1_213 });

    await expect(pay(key, declined)).rejects.toEqual(problem('payment-declined'));
    await expect(pay(key, declined)).rejects.toEqual(problem('payment-declined'));

    expect(charges).toBe(1);
    expect((await pay(newKey(), bodyFor(order))).status).toBe(201);
  });

  test('takes no second payment of an order', async () => {
    const order = await newOrder();
    await pay(newKey(), bodyFor(order));

    await expect(pay(newKey(), bodyFor(order))).rejects.toEqual(problem('payment-conflict'));

    const other = await newOrder();
    const replies = await Promise.allSettled(Array.from({ length: 6 }, () => pay(newKey(), bodyFor(other))));
    expect(replies.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test.each(['amount', 'currency', 'method', 'order'])('refuses a key that was used with another %s', async (field) => {
    const [order, key] = [await newOrder(), newKey()];
    await pay(key, bodyFor(order));
    const other = { amount: 1, currency: 'USD', method: 'card_2', order: await newOrder() }[field];

    await expect(pay(key, bodyFor(order, { [field]: other }))).rejects.toEqual(problem('invalid-body'));
    expect(charges).toBe(1);
  });

  test.each([undefined, '', 'x'.repeat(256), 'two words'])('refuses the Idempotency-Key %j', async (key) => {
    await expect(pay(key, bodyFor(await newOrder()))).rejects.toEqual(problem('malformed-request'));
  });

  test("keeps callers apart: the same key is each one's own, and nobody pays another's order", async () => {
    const [order, key] = [await newOrder(), newKey()];
    await pay(key, bodyFor(order));
    const eve = keyCaller('eve');

    await expect(pay(key, bodyFor(order), eve)).rejects.toEqual(problem('order-not-found'));
    await expect(pay(newKey(), bodyFor('00000000-0000-4000-8000-000000000000'))).rejects.toEqual(
      problem('order-not-found'),
    );
    await expect(pay(newKey(), bodyFor(order), { id: '192.0.2.1', kind: 'address' })).rejects.toEqual(
      problem('authentication-required'),
    );
  });

  test('charges once when the gateway dies after the provider was asked', async () => {
    const [order, key] = [await newOrder(), newKey()];
    let answered: unknown;
    meddle = async (answer) => {
      const { body } = await answer;
      answered = JSON.parse(String(body.whole ?? (await body.collect(10_000)))) as unknown;
      throw new Error('the process died here');
    };
    await expect(pay(key, bodyFor(order))).rejects.toThrow('died');
    expect(await rows(order)).toEqual([{ status: 'pending', provider_id: null }]);
    await expect(pay(newKey(), bodyFor(order))).rejects.toEqual(problem('payment-conflict'));

    meddle = (answer) => answer;
    const reply = await pay(key, bodyFor(order));

    expect(valueOf(reply)).toMatchObject({ status: 'paid' });
    expect(await rows(order)).toEqual([{ status: 'paid', provider_id: (answered as { id: string }).id }]);
  });

  test('keeps what the provider has done although its caller has left, and tells it when asked again', async () => {
    const [order, key] = [await newOrder(), newKey()];
    const leaving: Database = {
      ...database,
      query(lane, text, values, signal) {
        if (text.startsWith('UPDATE payments')) leave(exchange);
        return database.query(lane, text, values, signal);
      },
    };
    const exchange = exchangeFor('pay', createPaymentHandler({ database: leaving, upstream, breaker }), {
      body: bodyFor(order),
      headers: { 'idempotency-key': key },
    });

    await expect(exchange.route.handler(exchange)).rejects.toMatchObject({ name: 'AbortError' });

    await eventually(async () => expect(await rows(order)).toEqual([expect.objectContaining({ status: 'paid' })]));
    expect(valueOf(await pay(key, bodyFor(order)))).toMatchObject({ status: 'paid' });
    expect(charges).toBe(1);
  });

  test('loses and doubles nothing when Postgres crashes while payments are made', async () => {
    const orders = await Promise.all(Array.from({ length: 30 }, newOrder));
    const failures: unknown[] = [];
    const paid = Promise.all(
      orders.map((order) =>
        eventually(async () => {
          const reply = await pay(order, bodyFor(order)).catch((error: unknown) => {
            failures.push(error);
            throw error;
          });
          return valueOf(reply).id;
        }, 60_000),
      ),
    );
    await eventually(async () => {
      const [count] = await sql(postgres.connectionString, "SELECT count(*)::int FROM payments WHERE status = 'paid'");
      expect(count?.count).toBeGreaterThan(5);
    });
    await postgres.crash();

    const ids = await paid;
    const kept = await eventually(() =>
      sql(postgres.connectionString, "SELECT id, provider_id FROM payments WHERE status = 'paid'"),
    );
    expect(ids.filter((id) => kept.filter((row) => row.id === id).length !== 1)).toEqual([]);
    expect(new Set(kept.map((row) => row.provider_id)).size).toBe(kept.length);
    expect(failures.filter((failure) => (failure as Error).name !== 'Problem')).toEqual([]);
  });

  test('leaves the provider alone after three failures, and says when to come back', async () => {
    const failing = { method: 'test_unavailable' };
    const [order, key] = [await newOrder(), newKey()];
    while (breaker.state !== 'open') {
      await expect(pay(key, bodyFor(order, failing))).rejects.toMatchObject({
        code: expect.stringMatching(/^upstream-(failed|unavailable)$/),
      });
    }
    expect(charges).toBe(3);
    const other = await newOrder();

    await expect(pay(newKey(), bodyFor(other))).rejects.toMatchObject({
      code: 'upstream-unavailable',
      details: { headers: ['retry-after', expect.stringMatching(/^\d+$/)] },
    });

    expect(charges).toBe(3);
  });
});
