import { request as send } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createShared, createTiers } from '../cache/http/tiers.ts';
import { eventually } from '../support/eventually.ts';
import { SingleFlight } from '../../service/cache/single-flight.ts';
import { definition } from '../../service/definition/index.ts';
import { exchange, HOST, START, startCachingGateway, type CachingGateway } from './http-cache-gateway.ts';
import { control, type OriginAnswer } from './http-cache-row.ts';

const gateways: CachingGateway[] = [];
const start = async (...[answers, options]: Parameters<typeof startCachingGateway>): Promise<CachingGateway> => {
  const gateway = await startCachingGateway(answers, options);
  gateways.push(gateway);
  return gateway;
};
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close();
});

/** Less than anybody waits for another's fetch. */
const SOON_MS = 2_000;

/** A promise and what resolves it. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

/** Sends equal requests and waits until the gateway has them all, the first of them at the origin. */
async function crowd(gateway: CachingGateway, count: number, headers: Record<string, string> = {}) {
  const before = gateway.waited.length;
  const answers = Array.from({ length: count }, () => exchange(gateway.port, { headers }));
  await eventually(() => expect(gateway.waited.length - before).toBe(count));
  await eventually(() => expect(gateway.seen.length).toBeGreaterThan(0));
  return answers;
}

describe('requests for the same at the same time', () => {
  test('make one request of the origin, and all get its answer', async () => {
    const head = gate();
    const gateway = await start([{ ...control('max-age=60'), hold: head.opened }]);
    const waiting = await crowd(gateway, 50);
    head.open();
    const answers = await Promise.all(waiting);
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['answer 1']));
    expect(gateway.seen).toHaveLength(1);
    const statuses = answers.map(({ headers }) => headers['cache-status']);
    expect(statuses.filter((status) => status === 'sluice; fwd=uri-miss; stored')).toHaveLength(1);
    expect(statuses.filter((status) => status === 'sluice; fwd=uri-miss; collapsed')).toHaveLength(49);
    expect(gateway.events.filter((event) => event === 'collapsed')).toHaveLength(49);
  });

  test('go to the origin each when the first answer is for one alone, and nobody waits the next time', async () => {
    const head = gate();
    const gateway = await start([{ ...control('private, max-age=60'), hold: head.opened }, control('private')]);
    const waiting = await crowd(gateway, 5);
    expect(gateway.seen).toHaveLength(1);
    head.open();
    const answers = await Promise.all(waiting);
    expect(new Set(answers.map(({ body }) => body)).size).toBe(5);
    expect(gateway.seen).toHaveLength(5);
  });

  test('do not wait for an address whose answers were for one alone a moment ago', async () => {
    const held = gate();
    const gateway = await start([control('no-store'), { ...control('no-store'), hold: held.opened }, {}]);
    await exchange(gateway.port, {});
    const slow = exchange(gateway.port, {});
    await eventually(() => expect(gateway.seen).toHaveLength(2));
    expect((await exchange(gateway.port, {})).body).toBe('answer 3');
    held.open();
    await slow;
  });

  test('do not share what differs by Vary', async () => {
    const head = gate();
    const gateway = await start([
      { ...control('max-age=60', { vary: 'cookie' }), hold: head.opened },
      control('max-age=60'),
    ]);
    const alice = await crowd(gateway, 2, { cookie: 'user=alice' });
    const bob = exchange(gateway.port, { headers: { cookie: 'user=bob' } });
    await eventually(() => expect(gateway.waited).toHaveLength(3));
    head.open();
    expect((await Promise.all(alice)).map(({ body }) => body)).toEqual(['answer 1', 'answer 1']);
    expect((await bob).body).toBe('answer 2');
  });

  test('do not wait for a body of which the head says that it is not theirs', async () => {
    const held = gate();
    const varying = control('max-age=60', { vary: 'cookie' });
    const gateway = await start([{ ...varying, holdBody: held.opened }, varying]);
    const alice = exchange(gateway.port, { headers: { cookie: 'user=alice' } });
    await eventually(() => expect(gateway.seen).toHaveLength(1));
    const bob = exchange(gateway.port, { headers: { cookie: 'user=bob' } });
    await eventually(() => expect(gateway.seen).toHaveLength(2), SOON_MS);
    expect((await bob).body).toBe('answer 2');
    held.open();
    await alice;
  });

  test('with credentials go to the origin each', async () => {
    const head = gate();
    const gateway = await start([{ ...control('public, max-age=60'), hold: head.opened }]);
    const waiting = await crowd(gateway, 3, { authorization: 'Basic YTpi' });
    await eventually(() => expect(gateway.seen).toHaveLength(3), SOON_MS);
    head.open();
    await Promise.all(waiting);
  });

  test('with conditions of their own go to the origin each', async () => {
    const gateway = await start([{ status: 304, headers: { etag: '"a"' } }]);
    const headers = { 'if-none-match': '"a"' };
    const answers = await Promise.all([1, 2, 3].map(() => exchange(gateway.port, { headers })));
    expect(answers.map(({ status }) => status)).toEqual([304, 304, 304]);
    expect(gateway.seen).toHaveLength(3);
  });

  test.each<[name: string, first: (opened: Promise<void>) => OriginAnswer]>([
    ['head', (opened) => ({ ...control('max-age=60'), hold: opened })],
    ['body', (opened) => ({ ...control('max-age=60'), holdBody: opened })],
  ])('are served although the first client leaves before the %s', async (_, first) => {
    const held = gate();
    const gateway = await start([first(held.opened), control('max-age=60')]);
    const leader = send({ port: gateway.port, path: '/a', headers: { host: HOST }, agent: false }).on(
      'error',
      () => undefined,
    );
    leader.end();
    await eventually(() => expect(gateway.seen).toHaveLength(1));
    const waiting = Array.from({ length: 5 }, () => exchange(gateway.port, {}));
    await eventually(() => expect(gateway.waited).toHaveLength(6));
    leader.destroy();
    const answers = await Promise.all(waiting);
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['answer 2']));
    expect(gateway.seen).toHaveLength(2);
    held.open();
  });

  test('are served although the first answer breaks off', async () => {
    const held = gate();
    const gateway = await start([
      { ...control('max-age=60'), holdBody: held.opened, broken: 'body' },
      control('max-age=60'),
    ]);
    const waiting = await crowd(gateway, 5);
    held.open();
    const answers = await Promise.all(waiting);
    expect(answers.filter(({ cut }) => cut)).toHaveLength(1);
    expect(answers.filter(({ body }) => body === 'answer 2')).toHaveLength(4);
    expect(gateway.seen).toHaveLength(2);
  });

  test('share the failure of the origin, and the next one asks anew', async () => {
    const head = gate();
    const gateway = await start([{ broken: 'head', hold: head.opened }, control('max-age=60')]);
    const waiting = await crowd(gateway, 5);
    head.open();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([502, 502, 502, 502, 502]);
    expect(gateway.seen).toHaveLength(1);
    expect((await exchange(gateway.port, {})).body).toBe('answer 2');
  });

  test('wait for another no longer than the lease of a fetch', async () => {
    const held = gate();
    const settings = { ...definition.dev.cache, fetchLease: '50ms' as const };
    const gateway = await start([{ ...control('max-age=60'), hold: held.opened }, control('max-age=60')], { settings });
    const slow = exchange(gateway.port, {});
    await eventually(() => expect(gateway.seen).toHaveLength(1));
    expect((await exchange(gateway.port, {})).body).toBe('answer 2');
    held.open();
    await slow;
  });

  test('of which one is invalidated while it is fetched, leave nothing older behind', async () => {
    const held = gate();
    const gateway = await start([
      { ...control('max-age=60'), hold: held.opened },
      { status: 204 },
      control('max-age=60'),
    ]);
    const before = exchange(gateway.port, {});
    await eventually(() => expect(gateway.seen).toHaveLength(1));
    gateway.clock.now = START + 1_000;
    await exchange(gateway.port, { method: 'POST' });
    gateway.clock.now = START + 2_000;
    const after = exchange(gateway.port, {});
    await eventually(() => expect(gateway.seen).toHaveLength(3), SOON_MS);
    expect((await after).body).toBe('answer 3');
    held.open();
    expect((await before).body).toBe('answer 1');
    expect((await exchange(gateway.port, {})).body).toBe('answer 3');
  });

  test('validate a stale answer by one request', async () => {
    const head = gate();
    const gateway = await start([
      control('max-age=5', { etag: '"a"' }),
      { status: 304, headers: { etag: '"a"' }, hold: head.opened },
    ]);
    await exchange(gateway.port, {});
    gateway.clock.now = START + 6_000;
    const waiting = await crowd(gateway, 10);
    await eventually(() => expect(gateway.seen).toHaveLength(2));
    head.open();
    expect(new Set((await Promise.all(waiting)).map(({ body }) => body))).toEqual(new Set(['answer 1']));
    expect(gateway.seen).toHaveLength(2);
  });

  test('get what is stale by one failed request, where the origin allows it', async () => {
    const head = gate();
    const gateway = await start([control('max-age=5, stale-if-error=60'), { status: 503, hold: head.opened }]);
    await exchange(gateway.port, {});
    gateway.clock.now = START + 6_000;
    const waiting = await crowd(gateway, 10);
    await eventually(() => expect(gateway.seen).toHaveLength(2));
    head.open();
    const answers = await Promise.all(waiting);
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['answer 1']));
    expect(new Set(answers.map(({ headers }) => headers['x-cache']))).toEqual(new Set(['STALE']));
    expect(gateway.seen).toHaveLength(2);
  });

  test('in several processes make one request of the origin', async () => {
    const head = gate();
    const shared = createShared(() => START);
    const flightsOf = () => new SingleFlight({ shared, leaseMs: 5_000, onError: () => undefined });
    const answers = [{ ...control('max-age=60', { vary: 'accept' }), hold: head.opened }];
    const processes = await Promise.all(
      [1, 2, 3].map(() => start(answers, { tiers: createTiers(() => START, shared), flights: flightsOf() })),
    );
    const waiting = processes.flatMap(({ port }) => Array.from({ length: 20 }, () => exchange(port, {})));
    await eventually(() => expect(processes.flatMap(({ waited }) => waited)).toHaveLength(60));
    head.open();
    expect(new Set((await Promise.all(waiting)).map(({ body }) => body))).toEqual(new Set(['answer 1']));
    expect(processes.flatMap(({ seen }) => seen)).toHaveLength(1);
  });
});

describe('a hit in memory', () => {
  test('waits for nothing, fresh or stale', async () => {
    const gateway = await start([control('max-age=5, stale-while-revalidate=30', { vary: 'accept' })]);
    await exchange(gateway.port, {});
    await exchange(gateway.port, {});
    gateway.clock.now = START + 6_000;
    await exchange(gateway.port, {});
    expect(gateway.waited).toEqual([true, false, false]);
    expect(gateway.lookups).toEqual(['miss', 'hit', 'stale']);
  });

  test('that is stale is brought up to date by one request, however many get it', async () => {
    const head = gate();
    const gateway = await start([
      control('max-age=5, stale-while-revalidate=30'),
      { ...control('max-age=5'), hold: head.opened },
    ]);
    await exchange(gateway.port, {});
    gateway.clock.now = START + 6_000;
    const answers = await Promise.all(Array.from({ length: 20 }, () => exchange(gateway.port, {})));
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['answer 1']));
    expect(gateway.seen).toHaveLength(2);
    head.open();
    await eventually(async () => expect((await exchange(gateway.port, {})).body).toBe('answer 2'));
    expect(gateway.seen).toHaveLength(2);
  });
});

describe('a miss', () => {
  test('reaches its client as it comes', async () => {
    const held = gate();
    const gateway = await start([{ ...control('max-age=60'), holdBody: held.opened }]);
    const first = await new Promise<string>((resolve, reject) => {
      send({ port: gateway.port, path: '/a', headers: { host: HOST }, agent: false }, (response) => {
        response.once('data', (chunk: Buffer) => resolve(chunk.toString()));
      })
        .on('error', reject)
        .end();
    });
    expect(first).toBe('an');
    held.open();
    await eventually(() => expect(gateway.events).toContain('stored'));
    expect((await exchange(gateway.port, {})).headers['x-cache']).toBe('HIT');
  });

  test.each([{}, { chunked: true as const }])('larger than one may be is passed on and not kept %j', async (shape) => {
    const body = 'x'.repeat(5_000);
    const settings = { ...definition.dev.cache, maxEntry: '4Ki' as const };
    const gateway = await start([{ ...control('max-age=60'), body, ...shape }], { settings });
    for (const _ of [1, 2]) expect((await exchange(gateway.port, {})).body).toBe(body);
    expect(gateway.seen).toHaveLength(2);
    expect(gateway.events).toEqual([]);
  });
});
