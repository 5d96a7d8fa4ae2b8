import { afterEach, describe, expect, test } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import { definition, withValues, type Route, type Service } from '../../service/definition/index.ts';
import { createListener } from '../../service/gateway/listener.ts';
import { json } from '../../service/gateway/reply.ts';
import { createRouter } from '../../service/gateway/router.ts';
import { inOrder, type Stage } from '../../service/gateway/stage.ts';
import { limit, type LimitOptions } from '../../service/gateway/stages/limit.ts';
import { createMemoryLimits, withDownPolicy } from '../../service/limit/index.ts';
import { eventually } from '../support/eventually.ts';
import { ask } from '../support/gateway.ts';

const base = withValues(definition.dev, []);
const window = (rate: '2/min' | '3/min' | '4/min' | '30/h'): Service['limits']['key'] => ({
  ...base.limits.key,
  window: rate,
});
const limits: Service['limits'] = {
  ...base.limits,
  address: window('4/min'),
  key: window('3/min'),
  tiers: {
    free: { limit: { ...base.limits.key, window: undefined, bucket: { capacity: 2, refill: '1/s' } }, routes: {} },
    pro: { limit: window('4/min'), routes: { search: window('3/min') } },
  },
};
const route = { method: 'GET', lane: 'critical', timeout: '5s', auth: 'optional', limited: true, tags: [] } as const;
const closings: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

/** A gateway of the stage alone; who calls stands in headers of the test's own. */
async function start(routes: Readonly<Record<string, Partial<Route>>>, options: Partial<LimitOptions> = {}) {
  const decisions: string[] = [];
  const denials: string[] = [];
  const shadows: string[] = [];
  const waiting: (() => void)[] = [];
  const identify: Stage = (exchange) => {
    const { 'x-caller': id = 'nobody', 'x-kind': kind = 'address', 'x-tier': tier } = exchange.request.headers;
    const known = typeof tier === 'string' ? { tier } : {};
    exchange.caller = { id: String(id), kind: kind as 'address' | 'key', ...known };
    return undefined;
  };
  const served = Object.fromEntries(
    Object.entries(routes).map(([id, own]) => [id, { ...route, path: `/${id}`, ...own } as Route]),
  );
  const answer: Stage = (exchange) => {
    if (exchange.search !== 'wait') return json(200, 'done');
    return new Promise((resolve) => waiting.push(() => resolve(json(200, 'done'))));
  };
  const server = createListener({
    service: base,
    router: createRouter(served, Object.fromEntries(Object.keys(served).map((id) => [id, () => json(200, id)]))),
    answer: inOrder([
      identify,
      limit({
        limits,
        store: createMemoryLimits({ trackedCallers: 100 }),
        onDecision: (decision) => decisions.push(decision),
        onDenial: (name) => denials.push(name),
        onShadowDenial: (name) => shadows.push(name),
        ...options,
      }),
      answer,
    ]),
    nextId: () => 'id',
    onStart: () => undefined,
    onEnd: () => undefined,
    isDraining: () => false,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closings.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  const get = (path: string, headers: Readonly<Record<string, string>> = {}) => ask(port, 'GET', path, headers);
  return {
    get,
    decisions,
    denials,
    shadows,
    finishAll: () => waiting.splice(0).forEach((finish) => finish()),
    waiting,
  };
}

const search = { search: { limit: window('2/min') }, free: { limited: false }, models: {} };

describe('a request', () => {
  test('is told what is left of each limit', async () => {
    const { get } = await start(search);
    const { headers } = await get('/search');
    expect(headers['ratelimit-policy']).toBe('"address";q=4;w=60, "search";q=2;w=60');
    expect(headers.ratelimit).toBe('"address";r=3;t=60, "search";r=1;t=60');
  });

  test('over a limit is told which, and when to come back', async () => {
    const { get, denials, decisions } = await start(search);
    for (let request = 0; request < 2; request++) expect((await get('/search')).status).toBe(200);
    const denied = await get('/search');
    expect(denied.status).toBe(429);
    expect(denied.headers['retry-after']).toBe('60');
    expect(denied.headers.ratelimit).toBe('"address";r=2;t=60, "search";r=0;t=60');
    expect(JSON.parse(denied.text)).toMatchObject({
      code: 'limit-exceeded',
      detail: "The limit 'search' (2 in 60 s) is used up; try again in 60 s.",
    });
    expect((await get('/models')).status).toBe(200);
    expect(denials).toEqual(['search']);
    expect(decisions).toEqual(['allowed', 'allowed', 'denied', 'allowed']);
  });

  test('on a route without limits is held against none', async () => {
    const { get, decisions } = await start(search);
    for (let request = 0; request < 10; request++) {
      const { status, headers } = await get('/free');
      expect([status, headers.ratelimit]).toEqual([200, undefined]);
    }
    expect(decisions).toEqual([]);
  });

  test('with a key is held against the key’s or its tier’s limits, for each key by itself', async () => {
    const { get } = await start(search);
    const policy = async (headers: Readonly<Record<string, string>>) =>
      (await get('/search', { 'x-kind': 'key', ...headers })).headers['ratelimit-policy'];
    expect(await policy({ 'x-caller': 'k1' })).toBe('"key";q=3;w=60, "search";q=2;w=60');
    expect(await policy({ 'x-caller': 'k2', 'x-tier': 'free' })).toBe('"tier:free";q=2;w=2, "search";q=2;w=60');
    expect(await policy({ 'x-caller': 'k3', 'x-tier': 'pro' })).toBe('"tier:pro";q=4;w=60, "tier:pro:search";q=3;w=60');
  });

  test('that waits less than a second is told to wait one', async () => {
    const { get } = await start(search);
    const headers = { 'x-caller': 'k', 'x-kind': 'key', 'x-tier': 'free' };
    const statuses = [];
    for (let request = 0; request < 3; request++) statuses.push(await get('/models', headers));
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(statuses[2]?.headers['retry-after']).toBe('1');
    expect(statuses[2]?.headers.ratelimit).toBe('"tier:free";r=0;t=1');
  });

  test('counts as in flight until its answer is sent', async () => {
    const { get, finishAll, waiting } = await start({ chat: { concurrency: 1 } });
    const first = get('/chat?wait');
    await eventually(() => expect(waiting).toHaveLength(1));
    const denied = await get('/chat');
    expect(denied.status).toBe(429);
    expect(denied.headers['retry-after']).toBe('1');
    expect(denied.headers['ratelimit-policy']).toBe(
      '"address";q=4;w=60, "chat:in-flight";q=1;qu="concurrent-requests"',
    );
    expect(denied.headers.ratelimit).toBe('"address";r=3;t=60, "chat:in-flight";r=0');
    expect((await get('/chat', { 'x-caller': 'somebody else' })).status).toBe(200);
    finishAll();
    expect((await first).status).toBe(200);
    expect((await get('/chat')).status).toBe(200);
  });

  test('is held against the limit of everyone, which is told only where it denies', async () => {
    const few = { ...limits, global: { ...base.limits.key, window: '2/min' as const } };
    const { get, denials } = await start(search, { limits: few });
    for (const caller of ['a', 'b'])
      expect((await get('/models', { 'x-caller': caller })).headers.ratelimit).toBe('"address";r=3;t=60');
    const denied = await get('/models', { 'x-caller': 'c' });
    expect(denied.status).toBe(429);
    expect(denied.headers.ratelimit).toBe('"address";r=4;t=0, "global";r=0;t=60');
    expect(denials).toEqual(['global']);
  });

  test('is never denied by a limit in shadow, which is told to nobody but the operator', async () => {
    const shadowed = { search: { limit: { ...window('2/min'), shadow: true } } };
    const { get, shadows, denials } = await start(shadowed);
    const answers = [];
    for (let request = 0; request < 4; request++) answers.push(await get('/search'));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(answers[3]?.headers['ratelimit-policy']).toBe('"address";q=4;w=60');
    expect(shadows).toEqual(['search', 'search']);
    expect(denials).toEqual([]);
  });

  test('answers 503 while a closed limit cannot be counted', async () => {
    const fail = () => Promise.reject(new Error('down'));
    const broken = { take: fail, reserve: fail };
    const store = withDownPolicy(broken, { local: createMemoryLimits({ trackedCallers: 10 }) });
    const closed = { login: { limit: { ...window('2/min'), whenStoreDown: 'closed' as const } }, models: {} };
    const { get } = await start(closed, { store });
    const denied = await get('/login');
    expect(denied.status).toBe(503);
    expect(denied.headers['retry-after']).toBe('1');
    expect(denied.headers.ratelimit).toBeUndefined();
    expect(JSON.parse(denied.text)).toMatchObject({ code: 'limits-unavailable', retry: true });
    expect((await get('/models')).status).toBe(200);
  });
});
