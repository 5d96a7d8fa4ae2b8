import { describe, expect, test } from '@jest/globals';
import { startUpstream } from '../../service/upstream/index.ts';
import { createPayments, UNAVAILABLE_METHOD } from '../../service/upstream/payments.ts';
import { ask } from './client.ts';

const body = (more: object = {}): object => ({ amount: 1_250, currency: 'EUR', method: 'card_1', ...more });

describe('the provider of payments', () => {
  test('takes a payment, and declines an amount that ends in 13', () => {
    const { pay } = createPayments();

    expect(pay('a', body())).toEqual({
      id: expect.stringMatching(/^pay_/),
      object: 'payment',
      status: 'paid',
      amount: 1_250,
      currency: 'EUR',
    });
    expect(pay('b', body({ amount: 1_213 }))).toMatchObject({ status: 'declined' });
  });

  test('makes one payment of the same key, and another of another', () => {
    const { pay } = createPayments();
    const first = pay('a', body());

    expect(pay('a', body())).toEqual(first);
    expect(pay('b', body()).id).not.toBe(first.id);
  });

  test('refuses a key that was used for another payment', () => {
    const { pay } = createPayments();
    pay('a', body());

    expect(() => pay('a', body({ amount: 2 }))).toThrow(expect.objectContaining({ status: 409 }));
  });

  test('fails for a means of payment that is there to fail, and charges nothing', () => {
    const { pay } = createPayments();
    const failing = (): unknown => pay('a', body({ method: UNAVAILABLE_METHOD }));

    expect(failing).toThrow(expect.objectContaining({ status: 503 }));
    expect(failing).toThrow(expect.objectContaining({ status: 503 }));
    expect(pay('a', body())).toMatchObject({ status: 'paid' });
  });

  test.each([
    ['no key', undefined, body()],
    ['no body', 'a', null],
    ['an amount of nothing', 'a', body({ amount: 0 })],
    ['half a cent', 'a', body({ amount: 0.5 })],
    ['a currency in small letters', 'a', body({ currency: 'eur' })],
    ['no means', 'a', body({ method: '' })],
  ])('refuses %s', (_what, key, asked) => {
    expect(() => createPayments().pay(key, asked)).toThrow(expect.objectContaining({ status: 400 }));
  });

  test('forgets the oldest of very many, and remembers the others', () => {
    const { pay } = createPayments();
    const keys = Array.from({ length: 10_001 }, (_, number) => `key ${number}`);
    const [first, second] = keys.map((key) => pay(key, body()).id);

    expect(pay('key 1', body()).id).toBe(second);
    expect(pay('key 0', body()).id).not.toBe(first);
  });

  test('is a route of the upstream', async () => {
    const upstream = await startUpstream({ port: 0, modules: '/nowhere' });
    upstream.ready.catch(() => undefined);
    try {
      const sent = { body: JSON.stringify(body()), headers: { 'idempotency-key': 'a' } };
      const first = await ask(upstream.port, '/v1/payments', sent);
      const second = await ask(upstream.port, '/v1/payments', sent);

      expect(first).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
      expect(second.body).toBe(first.body);
      expect((await ask(upstream.port, '/v1/payments', { body: sent.body })).status).toBe(400);
    } finally {
      await upstream.close(0);
    }
  });
});
