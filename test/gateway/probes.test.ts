import { afterEach, describe, expect, test } from '@jest/globals';
import { requireOwner } from '../../service/app/owner.ts';
import type { Handler } from '../../service/gateway/exchange.ts';
import { ask, startGateway, type TestGateway } from '../support/gateway.ts';
import { PATHS, serviceWith, startKept, writers, type GatewayOptions } from './fast/pair.ts';

const KEY = 'a-key-of-probes-that-nobody-would-guess';
const KEPT = '/v1/search?q=a';
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

const gateways: TestGateway[] = [];
afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
});

/** A gateway that knows probes, what its limits decided, and whom it looked up. */
async function start(listener: 'http' | 'fast', options: GatewayOptions = {}, values: readonly string[] = []) {
  const decisions: string[] = [];
  const lookedUp: string[] = [];
  const gateway = await startKept(listener, values, {
    probeKey: KEY,
    onDecision: (decision) => decisions.push(decision),
    credentials: {
      key: (hash) => (lookedUp.push(hash), Promise.resolve(undefined)),
      session: (token) => (lookedUp.push(token), Promise.resolve(undefined)),
    },
    ...options,
  });
  gateways.push(gateway);
  decisions.length = 0;
  const leftOf = async (headers = {}): Promise<number> => {
    const fields = String((await ask(gateway.port, 'GET', KEPT, headers)).headers.ratelimit);
    return Number(/"address";r=(\d+)/.exec(fields)?.[1]);
  };
  return { ...gateway, decisions, lookedUp, leftOf };
}

describe.each(['http', 'fast'] as const)('a probe that the %s listener takes', (listener) => {
  test('is held by no limit and charged to nobody, without a look-up', async () => {
    const { port, decisions, lookedUp, leftOf } = await start(listener);
    const before = await leftOf();

    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(port, 'GET', KEPT, bearer(KEY))));

    expect(answers.map(({ status, headers }) => [status, headers.ratelimit])).toEqual(
      answers.map(() => [200, undefined]),
    );
    expect(await leftOf()).toBe(before - 1);
    expect(decisions).toEqual(['allowed', ...answers.map(() => 'probe'), 'allowed']);
    expect(lookedUp).toEqual([]);
  });

  test('is answered while every limit is used up', async () => {
    const { port } = await start(listener, {}, [`limits.address=${PATHS.length}/min`]);

    expect((await ask(port, 'GET', KEPT)).status).toBe(429);
    expect((await ask(port, 'GET', KEPT, bearer(KEY))).status).toBe(200);
  });

  test.each(['GET', 'HEAD'])('with %s is answered as anybody is, from the cache or the handler', async (method) => {
    const { port, outcomes } = await start(listener);
    const asked = await Promise.all(
      [KEPT, '/v1/search?q=new', '/v1/search', '/nowhere'].map((path) => ask(port, method, path, bearer(KEY))),
    );

    expect(asked.map(({ status, headers }) => [status, headers['x-cache']])).toEqual([
      [200, 'HIT'],
      [200, 'MISS'],
      [400, undefined],
      [404, undefined],
    ]);
    expect(asked.map(({ text }) => text === '')).toEqual(asked.map(() => method === 'HEAD'));
    expect(outcomes.map(({ exchange }) => exchange.caller)).toEqual(
      expect.arrayContaining([{ id: 'probe', kind: 'probe' }]),
    );
    expect(new Set(writers({ outcomes } as TestGateway))).toEqual(new Set(['http']));
  });

  test('of a gateway that drains is answered, and told to connect elsewhere', async () => {
    const { port } = await start(listener, { isDraining: () => true });
    const { status, headers } = await ask(port, 'GET', KEPT, { ...bearer(KEY), connection: 'keep-alive' });

    expect([status, headers.connection]).toEqual([200, 'close']);
  });

  test('has no account', async () => {
    const search: Handler = (exchange) => {
      requireOwner(exchange);
      throw new Error('somebody owns it');
    };
    const gateway = await startGateway({ search }, { service: serviceWith(listener), probeKey: KEY });
    gateways.push(gateway);

    expect((await ask(gateway.port, 'GET', KEPT, bearer(KEY))).status).toBe(401);
  });

  test.each([
    ['an account reads', 'GET', '/session'],
    ['an account reads', 'HEAD', '/session'],
    ['an account writes', 'POST', '/create-order'],
    ['anybody writes', 'POST', '/login'],
  ])('is nobody where %s (%s %s), and charged to its address', async (_, method, path) => {
    const { port, decisions, lookedUp, leftOf } = await start(listener);
    const before = await leftOf();

    expect((await ask(port, method, path, bearer(KEY))).status).toBe(401);
    expect(await leftOf()).toBe(before - 2);
    expect([decisions, lookedUp]).toEqual([['allowed', 'allowed', 'allowed'], []]);
  });

  test.each([
    ['a wrong key', bearer(KEY.replace('nobody', 'nobodi'))],
    ['a part of the key', bearer(KEY.slice(0, -1))],
    ['more than the key', bearer(`${KEY}x`)],
    ['the key in another case', bearer(KEY.toUpperCase())],
    ['no key', bearer('')],
    ['the key in another header', { 'x-api-key': KEY }],
    ['the key in another scheme', { authorization: `Basic ${KEY}` }],
    ['the key with another', { authorization: `Bearer ${KEY}, Bearer ${KEY}` }],
  ])('with %s is nobody, and charged to its address', async (_, headers) => {
    const { port, decisions, leftOf } = await start(listener);
    const before = await leftOf();

    expect((await ask(port, 'GET', KEPT, headers)).status).toBe(401);
    expect(await leftOf()).toBe(before - 2);
    expect(decisions).toEqual(['allowed', 'allowed', 'allowed']);
  });

  test('is nobody where no key of probes is set', async () => {
    const { port } = await start(listener, { probeKey: undefined });
    expect((await ask(port, 'GET', KEPT, bearer(KEY))).status).toBe(401);
    expect((await ask(port, 'GET', KEPT, bearer('undefined'))).status).toBe(401);
  });
});
