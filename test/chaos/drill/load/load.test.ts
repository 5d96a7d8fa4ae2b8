import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { SYSTEM_CLOCK, type Clock } from '../../../../chaos/drill/clock.ts';
import { startLoad, type Load } from '../../../../chaos/drill/load/load.ts';
import { isLost, type SentRequest } from '../../../../chaos/drill/load/request.ts';
import { createTransport } from '../../../../chaos/drill/load/transport.ts';
import type { Experiment } from '../../../../chaos/experiment.ts';
import { definition } from '../../../../service/definition/index.ts';
import { eventually } from '../../../support/eventually.ts';

type Met = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A gateway that answers as a test says, and the load that asks it. */
async function loaded(
  load: Experiment['load'],
  answer: (met: Met, n: number, ...args: Parameters<RequestListener>) => void,
  clock: Clock = SYSTEM_CLOCK,
): Promise<{ readonly load: Load; readonly met: readonly Met[] }> {
  const met: Met[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const each = { method, url, headers, body: Buffer.concat(chunks).toString() };
      answer(each, met.push(each) - 1, request, response);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const transport = createTransport(`http://127.0.0.1:${port}`);
  const credentials = { key: 'a-key', sessions: ['a-session', 'b-session'] };
  const started = startLoad({ service: definition.dev, load, seed: 3, credentials, transport, clock });
  stops.push(async () => {
    await started.stop();
    transport.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { load: started, met };
}

/** The first requests of a load, when so many have ended. */
function ended({ requests }: Load, count = 1): Promise<readonly SentRequest[]> {
  return eventually(() => {
    const over = requests.filter(({ first, second }) => first && (first.failure?.again !== true || second));
    if (over.length < count) throw new Error(`${over.length} of ${count} requests have ended`);
    return over.slice(0, count);
  });
}

const fine = (_met: Met, _n: number, ...[, response]: Parameters<RequestListener>): void =>
  void response.end('{"id":"1"}');

test('asks with the key or session, the words and the body that each kind needs', async () => {
  const all = {
    'search-miss': '5/s',
    'search-hit': '5/s',
    chat: '5/s',
    session: '5/s',
    order: '5/s',
    logs: '5/s',
    health: '5/s',
  } as const;
  const { load, met } = await loaded(all, fine);
  await ended(load, 21);
  const of = (url: string): Met[] => met.filter((each) => each.url.startsWith(url));
  // They take turns.
  const shown = new Set(of('/session').map(({ headers }) => headers.authorization));
  expect([...shown].sort()).toEqual(['Bearer a-session', 'Bearer b-session']);
  expect(of('/create-order')[0]).toMatchObject({ method: 'POST', headers: { authorization: 'Bearer a-key' } });
  expect(of('/create-order')[0]?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
  expect(JSON.parse(of('/logs')[0]?.body ?? '')).toEqual([{ level: 'info', message: expect.any(String) }]);
  expect(JSON.parse(of('/v1/chat/completions')[0]?.body ?? '')).toMatchObject({ model: 'sample' });
  expect(of('/health')[0]?.headers.authorization).toBeUndefined();
  const words = of('/v1/search').map(({ url }) => new URL(url, 'http://x').searchParams.get('q') ?? '');
  const [misses, hits] = [words.filter((each) => each.includes(' ')), words.filter((each) => !each.includes(' '))];
  expect(new Set(misses).size).toBe(misses.length);
  expect(hits.length).toBeGreaterThan(0);
  expect(load.requests.map(({ ask, lane }) => `${ask} ${lane}`)).toEqual(
    expect.arrayContaining(['logs background', 'order critical']),
  );
});

test('asks over many connections in turn, so that no worker of the gateway is left out', async () => {
  const ports: (number | undefined)[] = [];
  const { load } = await loaded({ 'search-hit': '100/s' }, (_each, _n, request, response) => {
    ports.push(request.socket.remotePort);
    response.end('{}');
  });
  await ended(load, 60);
  const uses = [...Map.groupBy(ports.slice(0, 48), (port) => port).values()].map(({ length }) => length);
  expect(uses).toEqual(Array.from({ length: 24 }, () => 2));
});

test('tries what fails once more, a write with the same Idempotency-Key, and has then lost nothing', async () => {
  const { load, met } = await loaded({ order: '20/s' }, (_each, n, _request, response) => {
    if (n === 0) response.writeHead(503, { 'retry-after': '0' }).end('{"code":"store-unavailable"}');
    else response.writeHead(201).end('{"id":"1"}');
  });
  const [first] = await ended(load);
  expect(first?.first?.failure).toMatchObject({ reason: '503 store-unavailable', bad: true });
  expect(first?.second?.failure).toBeUndefined();
  expect(first && isLost(first)).toBe(false);
  const key = met[0]?.headers['idempotency-key'];
  expect(met.filter((each) => each.headers['idempotency-key'] === key)).toHaveLength(2);
});

test('has lost what fails twice, and says why', async () => {
  const { load } = await loaded({ 'search-miss': '20/s' }, (_each, _n, _request, response) => {
    response.writeHead(503, { 'retry-after': '0' }).end('{"code":"overloaded"}');
  });
  const [first] = await ended(load);
  expect(first && isLost(first)).toBe(true);
  // Declared shedding is no error of the objective.
  expect(first?.second?.failure).toMatchObject({ reason: '503 overloaded', bad: false });
});

test('does not try again what the load did wrong itself, and has lost it', async () => {
  const { load, met } = await loaded({ order: '20/s' }, (_each, _n, _request, response) => {
    response.writeHead(422).end('{"code":"invalid-body"}');
  });
  const [first] = await ended(load);
  expect(first).toMatchObject({ first: { failure: { reason: '422 invalid-body', again: false, bad: false } } });
  expect(first && isLost(first)).toBe(true);
  expect(met.filter(({ headers }) => headers['idempotency-key'] === met[0]?.headers['idempotency-key'])).toHaveLength(
    1,
  );
});

test('counts an answer that breaks off, and a stream without its end, as failed', async () => {
  const { load } = await loaded({ 'chat-stream': '20/s' }, (_each, n, _request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (n % 3 === 2) response.end('data: {}\n\ndata: [DONE]\n\n');
    else if (n % 3 === 1) response.end('data: {}\n\n');
    else response.write('data: {}\n\n', () => response.destroy());
  });
  await ended(load, 6);
  const reasons = load.requests.flatMap(({ first }) => first?.failure?.reason ?? []);
  expect(reasons).toEqual(expect.arrayContaining(['cut', 'no end of the stream']));
  expect(load.requests.some(({ first }) => first && !first.failure)).toBe(true);
});

test('pays an order that it has made before, and fails where that fails', async () => {
  const { load, met } = await loaded({ payment: '20/s' }, ({ url }, n, _request, response) => {
    if (n === 0) response.writeHead(409).end('{"code":"payment-conflict"}');
    else response.writeHead(201).end(url === '/create-order' ? '{"id":"the-order"}' : '{}');
  });
  const [first, second] = await ended(load, 2);
  expect(first?.first?.failure?.reason).toBe('order: 409 payment-conflict');
  expect(second?.first?.failure).toBeUndefined();
  expect(JSON.parse(met.find(({ url }) => url === '/payment')?.body ?? '')).toMatchObject({ order: 'the-order' });
});

test('goes on asking however many answers it waits for, and waits for all of them at its end', async () => {
  const held: (() => void)[] = [];
  const { load, met } = await loaded({ 'search-hit': '50/s' }, (_each, _n, _request, response) => {
    held.push(() => void response.end('{}'));
  });
  await eventually(() => expect(met.length).toBeGreaterThan(20));
  expect(load.requests.every(({ first }) => first === undefined)).toBe(true);
  const stopped = load.stop();
  await eventually(() => {
    for (const answer of held.splice(0)) answer();
    expect(load.requests.every(({ first }) => first !== undefined)).toBe(true);
  });
  await stopped;
  const sent = load.requests.length;
  expect(met).toHaveLength(sent);
});

test('gives up on an answer that is longer away than the gateway itself waits for one', async () => {
  // Ten times as fast as the machine's.
  const clock: Clock = {
    now: () => Date.now() * 10,
    wait: (milliseconds, signal) => SYSTEM_CLOCK.wait(milliseconds / 10, signal),
  };
  const { load } = await loaded({ 'search-hit': '2/s' }, () => undefined, clock);
  const [first] = await ended(load);
  expect(first?.first?.failure).toMatchObject({ reason: 'timeout' });
  expect(first?.first?.seconds).toBeGreaterThan(12);
});

test('says which requests it sent late', async () => {
  let stalls = 0;
  const clock: Clock = {
    now: Date.now,
    wait: (milliseconds, signal) => SYSTEM_CLOCK.wait(stalls++ === 0 ? milliseconds + 400 : milliseconds, signal),
  };
  const { load } = await loaded({ 'search-hit': '20/s' }, fine, clock);
  const requests = await ended(load, 12);
  expect(requests.some(({ late }) => late)).toBe(true);
});
