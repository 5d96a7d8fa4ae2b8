import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createProxyClient, startProxy, type Proxy, type ProxyClient } from '../../../chaos/faults/index.ts';
import { createControl } from '../../../chaos/faults/control/server.ts';
import { eventually } from '../../support/eventually.ts';
import { ask, call, startEcho, type Peer } from './peers.ts';

const KEY = 'a-key-of-enough-characters';
const listen = { host: '127.0.0.1', port: 0 };

let echo: Peer;
let other: Peer;
let proxies: { readonly tcp: Proxy; readonly http: Proxy };
let control: Server;
let port: number;
let client: ProxyClient;

beforeAll(async () => {
  [echo, other] = [await startEcho(), await startEcho()];
  const target = { host: echo.host, port: echo.port };
  const start = (protocol: 'tcp' | 'http') => startProxy({ listen, target, protocol, random: () => 0 });
  proxies = { tcp: await start('tcp'), http: await start('http') };
  control = createControl(
    (['tcp', 'http'] as const).map((name) => ({ name, protocol: name, listen, proxy: proxies[name] })),
    KEY,
  );
  control.listen(0, '127.0.0.1');
  await once(control, 'listening');
  ({ port } = control.address() as AddressInfo);
  client = createProxyClient({ origin: `http://127.0.0.1:${port}`, key: KEY });
});
afterEach(async () => {
  await client.clearAll();
  await client.lead('tcp', { host: echo.host, port: echo.port });
});
afterAll(async () => {
  control.closeAllConnections();
  control.close();
  await Promise.all([proxies.tcp.close(), proxies.http.close()]);
  await Promise.all([echo.close(), other.close()]);
});

const headers = { authorization: `Bearer ${KEY}` };

test('a fault is set, listed with its end, and taken back', async () => {
  const before = Date.now();
  const state = await client.set('tcp', { kind: 'latency', latency: '1s', jitter: '10ms' }, 60);
  expect(state).toMatchObject({
    name: 'tcp',
    protocol: 'tcp',
    listen: { host: '127.0.0.1', port: proxies.tcp.port },
    target: { host: echo.host, port: echo.port },
    fault: { kind: 'latency', latency: '1s', jitter: '10ms' },
    counts: { open: 0 },
  });
  expect(state.until).toBeGreaterThanOrEqual(before + 59_000);
  expect(state.until).toBeLessThanOrEqual(Date.now() + 60_000);
  expect((await client.list()).map(({ name, fault }) => [name, fault?.kind])).toEqual([
    ['tcp', 'latency'],
    ['http', undefined],
  ]);
  expect(await client.clear('tcp')).not.toHaveProperty('fault');
  expect((await client.list())[0]).not.toHaveProperty('until');
});

test('the proxy itself takes a fault back once its time is over', async () => {
  await client.set('tcp', { kind: 'refuse' }, 1);
  const refused = call(proxies.tcp.port);
  await eventually(() => expect(refused.ending()).toBe('ECONNREFUSED'));
  await eventually(async () => expect((await client.list())[0]?.fault).toBeUndefined());
  const taken = call(proxies.tcp.port);
  await once(taken.socket, 'connect');
  taken.socket.destroy();
});

test('setting the fault that holds only counts its time anew: what it did to connections is not done again', async () => {
  await client.set('tcp', { kind: 'black-hole' }, 1);
  const caller = call(proxies.tcp.port);
  await once(caller.socket, 'connect');
  const { until } = await client.set('tcp', { kind: 'black-hole' }, 3);
  expect(until).toBeGreaterThan(Date.now() + 2_000);
  const startedAt = performance.now();
  await eventually(() => expect(caller.ending()).toBe('ECONNRESET'));
  expect(performance.now() - startedAt).toBeGreaterThan(2_000);
});

test('all faults are taken back at once', async () => {
  await client.set('tcp', { kind: 'reset' }, 60);
  await client.set('http', { kind: 'status', status: 503 }, 60);
  expect((await client.clearAll()).map(({ fault }) => fault)).toEqual([undefined, undefined]);
});

test('a target is changed for new connections', async () => {
  await client.lead('tcp', { host: other.host, port: other.port });
  const caller = call(proxies.tcp.port);
  await eventually(() => expect(other.sockets.size).toBe(1));
  caller.socket.destroy();
});

describe('without the key', () => {
  test.each([{}, { authorization: 'Bearer wrong' }, { authorization: `Basic ${KEY}` }, { authorization: KEY }])(
    'nothing is told or changed: %j',
    async (shown) => {
      const options = { path: '/faults/tcp', method: 'PUT', body: '{"fault":{"kind":"reset"},"ttl":60}' };
      await expect(ask(port, { ...options, headers: shown })).resolves.toMatchObject({ status: 401 });
      await expect(ask(port, { path: '/faults', headers: shown })).resolves.toMatchObject({ status: 401 });
      expect(proxies.tcp.fault()).toBeUndefined();
    },
  );

  test('whether it lives can be asked', async () => {
    await expect(ask(port, { path: '/livez' })).resolves.toMatchObject({ status: 200 });
  });
});

describe('bad input', () => {
  const fault = (value: unknown, ttl: unknown = 60): string => JSON.stringify({ fault: value, ttl });
  const latency = { kind: 'latency', latency: '1s' };

  test.each([
    ['', 'The body is not JSON.'],
    ['{', 'The body is not JSON.'],
    ['null', /^The body must be .+\.$/],
    ['[]', /^The body must be .+\.$/],
    ['{}', /^Fault must be a fault with one of the known kinds: latency, .+\.$/],
    ['"x"', /^The body must be .+\.$/],
    [fault({ kind: 'flood' }), /^Fault(\.kind)? must be a fault with one of the known kinds: latency, .+slow-body\.$/],
    [fault('latency'), /^Fault must be a fault with one of the known kinds: .+\.$/],
    [fault({ kind: 'latency' }), /^Fault\.latency must be a duration of at most an hour.+\.$/],
    [fault({ kind: 'latency', latency: '25d' }), /^Fault\.latency must be a duration of at most an hour/],
    [fault({ kind: 'latency', latency: '-1s' }), /^Fault\.latency must be/],
    [fault({ ...latency, jitter: null }), /^Fault\.jitter must be/],
    [fault({ ...latency, more: 1 }), "Fault has no field 'more'."],
    [fault({ kind: 'bandwidth', perSecond: '0Ki' }), /^Fault\.perSecond must be at least a byte/],
    [fault({ kind: 'cut', after: -1 }), /^Fault\.after must be a whole number from 0/],
    [fault({ kind: 'cut', after: 1.5 }), /^Fault\.after must be a whole number/],
    [fault({ kind: 'status', status: 99 }), /^Fault\.status must be a whole number from 200 to 599\.$/],
    [fault({ kind: 'status', status: 503, share: '101%' }), /^Fault\.share must be/],
    [
      fault({ kind: 'status', status: 503 }),
      "The fault 'status' needs a proxy of the protocol 'http'; this one is of 'tcp'.",
    ],
    [JSON.stringify({ fault: latency }), 'Ttl must be whole seconds from 1 to 3600.'],
    [fault(latency, 0), 'Ttl must be whole seconds from 1 to 3600.'],
    [fault(latency, 3601), 'Ttl must be whole seconds from 1 to 3600.'],
    [fault(latency, '60'), 'Ttl must be whole seconds from 1 to 3600.'],
    [`{"fault":{"kind":"reset"},"ttl":60,"x":1}`, "The body has no field 'x'."],
    [`{"fault":{"kind":"reset"},"ttl":60,"y":"${'y'.repeat(20_000)}"}`, 'The body is larger than 16384 bytes.'],
  ])('is refused with a sentence, and what held still does: %s', async (body, sentence) => {
    await client.set('tcp', { kind: 'half-open' }, 60);
    const got = await ask(port, { path: '/faults/tcp', method: 'PUT', body, headers });
    expect(got.status).toBe(400);
    const { error } = JSON.parse(got.body) as { readonly error: string };
    if (typeof sentence === 'string') expect(error).toBe(sentence);
    else expect(error).toMatch(sentence);
    const [state] = await client.list();
    expect(state).toMatchObject({ fault: { kind: 'half-open' } });
    expect(state?.until).toBeGreaterThan(Date.now() + 50_000);
  });

  test.each([
    ['{"host":"127.0.0.1"}', /^Port must be/],
    ['{"host":"127.0.0.1","port":0}', /^Port must be a port from 1/],
    ['{"host":"127.0.0.1\\r\\nx","port":80}', /^Host must be a host/],
    ['{"host":"","port":80}', /^Host must be a host/],
    ['{"host":"a","port":80,"path":"/"}', "has no field 'path'"],
  ])('of a target is refused, and the old one stays: %s', async (body, sentence) => {
    const got = await ask(port, { path: '/targets/tcp', method: 'PUT', body, headers });
    expect(got.status).toBe(400);
    expect((JSON.parse(got.body) as { readonly error: string }).error).toMatch(sentence);
    expect(proxies.tcp.target()).toEqual({ host: echo.host, port: echo.port });
  });

  test.each([
    ['PUT', '/faults'],
    ['POST', '/faults/tcp'],
    ['DELETE', '/faults/'],
    ['DELETE', '/faults/tcp/more'],
    ['DELETE', '/faults/nobody'],
    ['DELETE', '/faults/__proto__'],
    ['DELETE', '/faults/%00'],
    ['DELETE', '/faults/..%2ffaults'],
    ['DELETE', '/faults?name=tcp'],
    ['PUT', '/targets/constructor'],
    ['GET', '/'],
  ])('is not known, and takes no fault back: %s %s', async (method, path) => {
    await client.set('tcp', { kind: 'half-open' }, 60);
    const got = await ask(port, { path, method, headers });
    expect(got.status).toBe(404);
    expect(JSON.parse(got.body)).toEqual({ error: expect.stringMatching(/^There is no .+\.$/) });
    expect(proxies.tcp.fault()).toEqual({ kind: 'half-open' });
  });

  test('a request that never ends is broken off, and bytes that are no HTTP do no harm', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('\0\xff\r\n\r\n');
    await once(socket.resume(), 'close');
    const cut = connect(port, '127.0.0.1', () => {
      cut.write(`PUT /faults/tcp HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${KEY}\r\nContent-Length: 99\r\n\r\n{`);
      cut.destroy();
    });
    await once(cut, 'close');
    await expect(client.list()).resolves.toHaveLength(2);
  });
});

test('a client says what was asked of whom, why it was not done, and how long it has waited', async () => {
  await expect(client.set('tcp', { kind: 'status', status: 503 }, 5)).rejects.toMatchObject({
    status: 400,
    message: `The fault proxy at http://127.0.0.1:${port} did not do PUT /faults/tcp: The fault 'status' needs a proxy of the protocol 'http'; this one is of 'tcp'.`,
  });
  const silent = createProxyClient({ origin: `http://127.0.0.1:${proxies.tcp.port}`, timeout: 100 });
  await client.set('tcp', { kind: 'black-hole' }, 5);
  await expect(silent.list()).rejects.toThrow('did not do GET /faults: no answer within 100 ms');
  await client.clearAll();
  await client.set('tcp', { kind: 'refuse' }, 5);
  await expect(silent.list()).rejects.toThrow('ECONNREFUSED');
});
