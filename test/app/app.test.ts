import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Caller } from '../../service/gateway/exchange.ts';
import { Relay } from '../../service/gateway/relay.ts';
import { chatBody, eventData } from '../upstream/client.ts';
import { bodyOf, headersOf, startApplication, valueOf, type TestApplication } from './application.ts';
import { leave } from './exchange.ts';

const problem = (code: string): unknown => expect.objectContaining({ name: 'Problem', code });
const keyCaller = (owner: string): Caller => ({ id: `key:${owner}`, kind: 'key', owner });
const UUID = /^[0-9a-f-]{36}$/;

describe('the sample application', () => {
  let app: TestApplication;

  beforeAll(async () => {
    app = await startApplication();
  });

  afterAll(() => app.close());

  describe('search', () => {
    test("answers with the upstream's results, whole", async () => {
      const reply = await app.call('search', { query: { q: 'rate limit & more', limit: '2' } });

      expect(reply.status).toBe(200);
      expect(headersOf(reply)).toEqual({ 'content-type': 'application/json' });
      expect(Buffer.isBuffer(reply.body)).toBe(true);
      expect(valueOf(reply)).toMatchObject({ query: 'rate limit & more' });
      expect((valueOf(reply) as { results: object[] }).results).toHaveLength(2);
    });

    test('ends when its client leaves', async () => {
      const exchange = app.exchange('search', { query: { q: 'rate' } });
      const answer = app.answer(exchange);

      leave(exchange);

      await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    });
  });

  describe('chat', () => {
    const body = (more: object = {}): unknown => JSON.parse(chatBody('redis client', more));

    test('passes a whole answer on', async () => {
      const reply = await app.call('chat', { body: body() });

      expect(reply.status).toBe(200);
      expect(headersOf(reply)).toEqual({ 'content-type': 'application/json', 'cache-control': 'no-store' });
      expect(valueOf(reply)).toMatchObject({ object: 'chat.completion', model: 'test-model' });
    });

    test('passes a stream on as it comes', async () => {
      const reply = await app.call('chat', { body: body({ stream: true }) });

      expect(headersOf(reply)).toEqual({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      expect(reply.body).toBeInstanceOf(Relay);
      const events = eventData(await text(reply.body as Relay));
      expect(events.length).toBeGreaterThan(10);
      expect(events.at(-1)).toBe('[DONE]');
    });

    test('passes on what the provider refuses, with its status and words', async () => {
      const reply = await app.call('chat', { body: { model: 'm', messages: [] } });

      expect(reply.status).toBe(400);
      expect(valueOf(reply)).toMatchObject({ error: { code: 'invalid_request' } });
    });
  });

  describe('orders', () => {
    const body = { item: 'lamp', quantity: 2 };

    test('an order is kept and read again', async () => {
      const created = await app.call('createOrder', { body });

      expect(created.status).toBe(201);
      const order = valueOf(created) as { id: string };
      expect(order).toEqual({ ...body, id: expect.stringMatching(UUID), created_at: expect.stringMatching(/Z$/) });
      expect(headersOf(created)).toMatchObject({ location: `/orders/${order.id}` });
      const read = await app.call('readOrder', { params: { id: order.id } });
      expect(read.status).toBe(200);
      expect(valueOf(read)).toEqual(order);
    });

    test("somebody else's order, an unknown one and no order number at all are not found alike", async () => {
      const { id } = valueOf(await app.call('createOrder', { body })) as { id: string };
      const missing = { params: { id: '00000000-0000-4000-8000-000000000000' } };

      const others = app.call('readOrder', { params: { id }, caller: keyCaller('eve') });

      await expect(others).rejects.toEqual(problem('order-not-found'));
      await expect(app.call('readOrder', missing)).rejects.toEqual(problem('order-not-found'));
      await expect(app.call('readOrder', { params: { id: "1' OR '1'='1" } })).rejects.toEqual(
        problem('order-not-found'),
      );
    });

    test('the same Idempotency-Key makes one order, also when its requests come at once', async () => {
      const headers = { 'idempotency-key': 'at-once' };

      const replies = await Promise.all(Array.from({ length: 10 }, () => app.call('createOrder', { body, headers })));

      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]));
      expect(new Set(replies.map(bodyOf)).size).toBe(1);
      expect(
        await app.database.query('critical', "SELECT count(*)::int FROM orders WHERE idempotency_key = 'at-once'", []),
      ).toEqual([{ count: 1 }]);
    });

    test('an Idempotency-Key is for one body and one owner', async () => {
      const headers = { 'idempotency-key': 'mine' };
      const first = await app.call('createOrder', { body, headers });

      const other = await app.call('createOrder', { body, headers, caller: keyCaller('eve') });

      expect((valueOf(other) as { id: string }).id).not.toBe((valueOf(first) as { id: string }).id);
      await expect(app.call('createOrder', { body: { ...body, quantity: 3 }, headers })).rejects.toMatchObject({
        code: 'invalid-body',
        message: expect.stringContaining('Idempotency-Key'),
      });
    });

    test.each(['', 'x'.repeat(256), 'two words', 'é'])('refuses the Idempotency-Key %j', async (key) => {
      await expect(app.call('createOrder', { body, headers: { 'idempotency-key': key } })).rejects.toEqual(
        problem('malformed-request'),
      );
    });

    test('without an account there is no order', async () => {
      const caller: Caller = { id: '127.0.0.1', kind: 'address' };

      await expect(app.call('createOrder', { body, caller })).rejects.toEqual(problem('authentication-required'));
    });
  });

  describe('logs', () => {
    const caller = keyCaller('logger');
    const read = async (query: Record<string, string>, as = caller): Promise<string[]> => {
      const { logs } = valueOf(await app.call('readLogs', { query, caller: as })) as { logs: { message: string }[] };
      return logs.map(({ message }) => message);
    };

    beforeAll(async () => {
      const lines = ['one', 'two', '100 % sure', 'under_score', 'back\\slash', 'ÄRGER'];
      const body = lines.map((message) => ({ level: 'info', message }));
      const reply = await app.call('writeLogs', { body, caller });
      expect(reply.status).toBe(201);
      expect(valueOf(reply)).toEqual({ accepted: 6 });
    });

    test('come back newest first, as many as asked for, to their owner alone', async () => {
      expect(await read({ limit: '2' })).toEqual(['ÄRGER', 'back\\slash']);
      expect(await read({})).toHaveLength(6);
      expect(await read({}, keyCaller('eve'))).toEqual([]);
    });

    test.each([
      ['w', ['two']],
      ['TWO', ['two']],
      ['ärger', ['ÄRGER']],
      ['%', ['100 % sure']],
      ['_', ['under_score']],
      ['\\', ['back\\slash']],
      ['absent', []],
    ])('are found by the text %j that they contain', async (contains, expected) => {
      expect(await read({ contains })).toEqual(expected);
    });

    test('what Postgres cannot keep is refused, and nothing of it kept', async () => {
      const lines = ['fine', 'a\0b'].map((message) => ({ level: 'info', message }));

      await expect(app.call('writeLogs', { body: lines, caller })).rejects.toMatchObject({
        code: 'invalid-body',
        details: { errors: [{ field: '/1/message' }] },
      });
      await expect(read({ contains: '\ud800' })).rejects.toEqual(problem('invalid-query'));
      expect(await read({ contains: 'fine' })).toEqual([]);
    });

    test('a flood of them keeps no order waiting', async () => {
      const left = new AbortController();
      const flood = Array.from({ length: 8 }, () =>
        app.database.query('background', 'SELECT pg_sleep(2)', [], left.signal).catch((reason: unknown) => reason),
      );

      const order = await app.call('createOrder', { body: { item: 'lamp', quantity: 1 } });

      expect(order.status).toBe(201);
      left.abort('left');
      expect(new Set(await Promise.all(flood))).toEqual(new Set(['left']));
    });
  });
});

describe('without its dependencies the sample application', () => {
  let app: TestApplication;

  beforeAll(async () => {
    app = await startApplication({ modules: '/nowhere' });
    await app.database.close();
  });

  afterAll(() => app.close());

  test('is healthy all the same', async () => {
    const reply = await app.call('health');

    expect(reply.status).toBe(200);
    expect(valueOf(reply)).toEqual({ status: 'ok', version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  });

  test("says that the upstream failed, and not in the upstream's words", async () => {
    await expect(app.call('search', { query: { q: 'rate' } })).rejects.toEqual(problem('upstream-failed'));
    await expect(app.call('chat', { body: JSON.parse(chatBody('rate')) as object })).rejects.toEqual(
      problem('upstream-failed'),
    );
  });

  test('says that the database does not answer', async () => {
    const body = { item: 'lamp', quantity: 1 };

    await expect(app.call('createOrder', { body })).rejects.toEqual(problem('store-unavailable'));
    await expect(app.call('login', { body: { username: 'a', password: 'b' } })).rejects.toEqual(
      problem('store-unavailable'),
    );
  });
});
