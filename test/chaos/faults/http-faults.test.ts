import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startProxy, type Proxy } from '../../../chaos/faults/index.ts';
import { eventually } from '../../support/eventually.ts';
import { ask, call, startHttp, startTcp, type Peer } from './peers.ts';

let target: Peer;
let proxy: Proxy;
/** Requests that reached the target: method, path, body. */
let reached: string[];

beforeEach(async () => {
  reached = [];
  target = await startHttp((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      reached.push(`${request.method} ${request.url} ${body}`.trim());
      if (request.url === '/chunked') {
        response.write('one,');
        response.end('two');
      } else response.end(`${request.url} ${body}`.trim());
    });
  });
  proxy = await proxyOf(target);
});
afterEach(async () => {
  await proxy.close();
  await target.close();
});

function proxyOf({ host, port }: Peer, random: () => number = () => 0): Promise<Proxy> {
  return startProxy({ listen: { host: '127.0.0.1', port: 0 }, target: { host, port }, protocol: 'http', random });
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const chunked =
  'POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-Last: 1\r\n\r\n';
const sized = 'POST /s HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello';
/** What the target answered, one after the other. */
const bodies = (text: string): string[] => text.match(/\/[a-z](?: \w+?)?(?=HTTP|$)/g) ?? [];

describe('without a fault', () => {
  test('requests of every framing are counted on one connection, pipelined or a byte at a time, and pass as they are', async () => {
    const all = get('/a') + sized + chunked + get('/b');
    const caller = call(proxy.port);
    caller.socket.write(all);
    await eventually(() => expect(reached).toEqual(['GET /a', 'POST /s hello', 'POST /c abcde', 'GET /b']));
    expect(proxy.counts()).toMatchObject({ connections: 1, requests: 4 });
    const slow = call(proxy.port);
    for (const byte of all) {
      slow.socket.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually(() => expect(reached).toHaveLength(8));
    expect(proxy.counts()).toMatchObject({ connections: 2, requests: 8 });
    for (const { read } of [caller, slow]) {
      await eventually(() => expect(bodies(read().toString())).toEqual(['/a', '/s hello', '/c abcde', '/b']));
    }
  });

  test('a connection that is upgraded, and what is no HTTP at all, passes through', async () => {
    const server = createServer();
    server.on('upgrade', (_request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
      socket.pipe(socket);
    });
    const peer = await startTcp((socket) => void server.emit('connection', socket));
    proxy.lead(peer);
    const caller = call(proxy.port);
    caller.socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    await eventually(() => expect(caller.read().toString()).toContain('101'));
    caller.socket.write('\r\n\r\nGET / not http');
    await eventually(() => expect(caller.read().toString()).toContain('GET / not http'));
    await peer.close();

    const echo = await startTcp((socket) => void socket.pipe(socket));
    proxy.lead(echo);
    const other = call(proxy.port);
    other.socket.write('*1\r\n$4\r\nPING\r\n\r\n and more');
    await eventually(() => expect(other.read().toString()).toBe('*1\r\n$4\r\nPING\r\n\r\n and more'));
    await echo.close();
  });

  test('the target is connected to with the first request, not before', async () => {
    const caller = call(proxy.port);
    await eventually(() => expect(proxy.counts().open).toBe(1));
    expect(target.sockets.size).toBe(0);
    caller.socket.write(get('/x'));
    await eventually(() => expect(reached).toEqual(['GET /x']));
  });
});

describe('status', () => {
  test('every request is answered by the proxy, and none reaches the target', async () => {
    await proxy.set({ kind: 'status', status: 429, retryAfter: 7 });
    const got = await ask(proxy.port, { method: 'POST', body: 'anything' });
    expect(got).toMatchObject({ status: 429, headers: { 'retry-after': '7', 'content-type': 'application/json' } });
    expect(JSON.parse(got.body)).toMatchObject({ status: 429 });
    expect([reached, target.sockets.size, proxy.counts().requests]).toEqual([[], 0, 1]);
    await proxy.clear();
    await expect(ask(proxy.port, { path: '/ok' })).resolves.toMatchObject({ status: 200, body: '/ok' });
  });

  test('answers come in the order of the requests, also where some of them are the target’s', async () => {
    let drawn = 0;
    const half = await proxyOf(target, () => [0.9, 0.1, 0.1, 0.9][drawn++ % 4] ?? 0);
    await half.set({ kind: 'status', status: 503, share: '50%' });
    const caller = call(half.port);
    caller.socket.write(get('/a') + sized + get('/own') + chunked);
    await eventually(() => expect(reached).toEqual(['GET /a', 'POST /c abcde']));
    await eventually(() => expect(caller.read().toString()).toContain('/c abcde'));
    const statuses = caller
      .read()
      .toString()
      .match(/HTTP\/1\.1 \d+/g);
    expect(statuses).toEqual(['HTTP/1.1 200', 'HTTP/1.1 503', 'HTTP/1.1 503', 'HTTP/1.1 200']);
    await half.close();
  });

  test('a connection is kept and is well when it is over', async () => {
    const caller = call(proxy.port);
    caller.socket.write(get('/before'));
    await eventually(() => expect(caller.read().toString()).toContain('/before'));
    await proxy.set({ kind: 'status', status: 500 });
    // The target closes a connection on which nothing is asked; the client does not learn of it.
    for (const socket of target.sockets) socket.end();
    await eventually(() => expect(target.sockets.size).toBe(0));
    caller.socket.write(get('/during'));
    await eventually(() => expect(caller.read().toString()).toContain('HTTP/1.1 500'));
    await proxy.clear();
    caller.socket.write(get('/after'));
    await eventually(() => expect(caller.read().toString()).toContain('/after'));
    expect(caller.ending()).toBeUndefined();
    expect(reached).toEqual(['GET /before', 'GET /after']);
    caller.socket.end();
    await eventually(() => expect(proxy.counts().open).toBe(0));
  });

  test('a client that waits to be told to go on is answered and the connection ends', async () => {
    await proxy.set({ kind: 'status', status: 503 });
    const caller = call(proxy.port);
    caller.socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n');
    await eventually(() => expect(caller.ending()).toBe('end'));
    expect(caller.read().toString()).toMatch(/^HTTP\/1\.1 503 [^]*Connection: close/);
    caller.socket.end();
    await eventually(() => expect(proxy.counts().open).toBe(0));
  });

  test('an answer to HEAD, and one without content, has no body', async () => {
    await proxy.set({ kind: 'status', status: 503 });
    await expect(ask(proxy.port, { method: 'HEAD' })).resolves.toMatchObject({ status: 503, body: '' });
    await proxy.set({ kind: 'status', status: 204 });
    await expect(ask(proxy.port)).resolves.toMatchObject({ status: 204, body: '' });
  });

  test('a request whose head began before the fault passes whole', async () => {
    const caller = call(proxy.port);
    caller.socket.write('GET /begun HTTP/1.1\r\nHo');
    await eventually(() => expect(proxy.counts().requests).toBe(1));
    await proxy.set({ kind: 'status', status: 503 });
    caller.socket.write('st: a\r\n\r\n');
    await eventually(() => expect(caller.read().toString()).toContain('/begun'));
    expect(reached).toEqual(['GET /begun']);
  });
});

describe('slow body', () => {
  test.each(['/sized', '/chunked'])('the head passes at once, the body of %s slowly and whole', async (path) => {
    const peer = await startHttp((_request, response) => {
      if (path === '/sized') response.setHeader('content-length', 1024);
      response.write('x'.repeat(512));
      response.end('y'.repeat(512));
    });
    proxy.lead(peer);
    await proxy.set({ kind: 'slow-body', perSecond: '1Ki' });
    const caller = call(proxy.port);
    const startedAt = performance.now();
    let headAt: number | undefined;
    caller.socket.on('data', () => (headAt ??= performance.now()));
    caller.socket.write(get(path));
    await eventually(() => expect(caller.read().toString()).toContain('\r\n\r\n'), 15_000, 5);
    expect(caller.read().length).toBeLessThan(800);
    await eventually(() => expect(caller.read().toString().split('y')).toHaveLength(513));
    expect(performance.now() - (headAt ?? startedAt)).toBeGreaterThan(900);
    await peer.close();
  });

  test('the rest of a body comes at once when it is over', async () => {
    const peer = await startHttp((_request, response) => void response.end('z'.repeat(100_000)));
    proxy.lead(peer);
    await proxy.set({ kind: 'slow-body', perSecond: '1Ki' });
    const caller = call(proxy.port);
    caller.socket.write(get('/'));
    await eventually(() => expect(caller.read().length).toBeGreaterThan(0));
    expect(caller.read().length).toBeLessThan(50_000);
    await proxy.clear();
    await eventually(() => expect(caller.read().length).toBeGreaterThan(100_000));
    await peer.close();
  });
});

test('the faults of TCP hold for HTTP as well, and what is swallowed counts as a request', async () => {
  await proxy.set({ kind: 'cut', after: 10 });
  const cut = call(proxy.port);
  cut.socket.write(get('/'));
  await eventually(() => expect(cut.ending()).toBe('ECONNRESET'));
  expect(cut.read().toString()).toBe('HTTP/1.1 2');
  await proxy.set({ kind: 'black-hole' });
  const lost = call(proxy.port);
  lost.socket.write(get('/lost'));
  await eventually(() => expect(proxy.counts().requests).toBe(2));
  expect(reached).toEqual(['GET /']);
  await proxy.set({ kind: 'reset' });
  await eventually(() => expect(lost.ending()).toBe('ECONNRESET'));
  await expect(ask(proxy.port)).resolves.toMatchObject({ error: 'ECONNRESET' });
});

test('two hundred connections live through a change of fault after fault without a leak', async () => {
  const faults = [
    { kind: 'latency', latency: '30ms', jitter: '20ms' },
    { kind: 'status', status: 503, share: '50%' },
    { kind: 'half-open' },
    { kind: 'reset' },
    { kind: 'slow-body', perSecond: '1Ki' },
    { kind: 'black-hole' },
    { kind: 'cut', after: 40 },
    { kind: 'refuse' },
    { kind: 'bandwidth', perSecond: '4Ki' },
  ] as const;
  let isOver = false;
  let answered = 0;
  const loop = async (): Promise<void> => {
    while (!isOver) {
      const { status } = await ask(proxy.port, { timeout: 4_000 });
      if (status !== undefined) answered++;
      else await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const loops = Array.from({ length: 200 }, loop);
  for (const fault of faults) {
    await proxy.set(fault);
    const { connections } = proxy.counts();
    if (fault.kind === 'refuse') continue;
    await eventually(() => expect(proxy.counts().connections).toBeGreaterThan(connections + 200));
  }
  await proxy.clear();
  const before = answered;
  await eventually(() => expect(answered).toBeGreaterThan(before + 200));
  isOver = true;
  await Promise.all(loops);
  await eventually(() => expect([proxy.counts().open, target.sockets.size]).toEqual([0, 0]));
});
