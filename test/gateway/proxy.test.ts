import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { answer } from './origin.ts';
import { ask, openRaw, TestProxies } from './proxied.ts';

const proxies = new TestProxies();
const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => rejections.push(reason));
afterEach(async () => {
  await proxies.closeAll();
  expect(rejections).toEqual([]);
});

const HALF = 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf';

/** The headers of a head, in order, names in lower case. */
function headersOf(head: string | undefined): string[] {
  return (head ?? '')
    .split('\r\n')
    .slice(1)
    .map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()));
}

describe('a request that is passed on', () => {
  test('keeps method, target and its own headers, also those that come several times', async () => {
    const { port, origin } = await proxies.start((socket) => socket.write(answer()));
    const client = openRaw(
      port,
      'DELETE /a%20b?c=d&c=e HTTP/1.1\r\nHost: shop.test\r\nX-Two: 1\r\nAuthorization: Bearer theirs\r\nX-Two: 2\r\n\r\n',
    );
    await eventually(() => expect(client.text()).toMatch(/^HTTP\/1.1 200/));
    client.socket.destroy();
    expect(origin.heads[0]).toMatch(/^DELETE \/a%20b\?c=d&c=e HTTP\/1\.1\r\n/);
    const headers = headersOf(origin.heads[0]);
    expect(headers).toEqual(expect.arrayContaining(['host: shop.test', 'authorization: Bearer theirs']));
    expect(headers.filter((line) => line.startsWith('x-two'))).toEqual(['x-two: 1', 'x-two: 2']);
  });

  test('says for whom it is made and by whom it is passed on, whatever the client claims', async () => {
    const { port, origin } = await proxies.start((socket) => socket.write(answer()), { name: 'gate' });
    await ask(port, 'GET', '/', {
      host: 'shop.test',
      via: '1.0 before',
      forwarded: 'for=1.2.3.4',
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '1',
      'x-real-ip': '1.2.3.4',
      'x-envoy-expected-rq-timeout-ms': '999999',
    });
    const headers = headersOf(origin.heads[0]);
    expect(headers).toEqual(
      expect.arrayContaining([
        'x-forwarded-for: 127.0.0.1',
        'x-forwarded-proto: http',
        'x-forwarded-host: shop.test',
        'x-request-id: id',
        'via: 1.0 before',
        'via: 1.1 gate',
      ]),
    );
    expect(headers.join()).not.toMatch(/1\.2\.3\.4|999999|x-forwarded-port/);
    expect(headers.filter((line) => line.startsWith('x-envoy-expected-rq-timeout-ms'))).toHaveLength(1);
  });

  test('leaves behind what belongs to the connection', async () => {
    const { port, origin } = await proxies.start((socket) => socket.write(answer()));
    const client = openRaw(
      port,
      [
        'POST / HTTP/1.1',
        'Host: a',
        'Connection: Keep-Alive, X-Hop , close',
        'X-Hop: secret',
        'Keep-Alive: timeout=9',
        'TE: trailers, deflate',
        'Trailer: X-Sum',
        'Proxy-Authorization: Basic x',
        'Proxy-Connection: keep-alive',
        'HTTP2-Settings: AAMAAABk',
        'Upgrade: h2c',
        'Expect: 100-continue',
        'Transfer-Encoding: chunked',
        '',
        '2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n',
      ].join('\r\n'),
    );
    await eventually(() => expect(client.text()).toContain('HTTP/1.1 200'));
    const names = headersOf(origin.heads[0]).map((line) => line.split(':')[0]);
    for (const name of ['x-hop', 'keep-alive', 'te', 'trailer', 'proxy-authorization', 'proxy-connection', 'expect'])
      expect(names).not.toContain(name);
    for (const name of ['http2-settings', 'upgrade', 'content-length']) expect(names).not.toContain(name);
    expect(names).toContain('transfer-encoding');
  });

  test.each([
    ['with its length', 'content-length: 5\r\n\r\nhello', 'content-length: 5', 'hello'],
    [
      'in chunks',
      'transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
      'transfer-encoding: chunked',
      '5\r\nhello\r\n0\r\n\r\n',
    ],
  ])('has its body %s', async (_how, rest, framing, body) => {
    const { port, origin } = await proxies.start(() => undefined);
    const client = openRaw(port, `PUT / HTTP/1.1\r\nhost: a\r\n${rest}`);
    await eventually(() => expect(origin.texts[0]?.endsWith(`\r\n\r\n${body}`)).toBe(true));
    const framings = headersOf(origin.heads[0]).filter((line) => /^(content-length|transfer-encoding)/.test(line));
    expect(framings).toEqual([framing]);
    origin.sockets[0]?.write(answer());
    await eventually(() => expect(client.text()).toContain('HTTP/1.1 200'));
    expect(client.text()).not.toContain('connection: close');
    client.socket.destroy();
  });

  test('can carry headers of the gateway in the place of its own', async () => {
    const { port, origin } = await proxies.start((socket) => socket.write(answer()), {
      extra: ['if-none-match', '"kept"', 'range', ''],
    });
    await ask(port, 'GET', '/', { 'if-none-match': '"theirs"', range: 'bytes=0-1', accept: 'text/plain' });
    const headers = headersOf(origin.heads[0]);
    expect(headers.filter((line) => /^(if-none-match|range|accept):/.test(line))).toEqual([
      'accept: text/plain',
      'if-none-match: "kept"',
    ]);
  });

  test('passes as many further gateways as it says', async () => {
    const { port, origin } = await proxies.start((socket) => socket.write(answer()));
    expect((await ask(port, 'OPTIONS', '/', { 'max-forwards': '0' })).status).toBe(204);
    expect(origin.heads).toEqual([]);
    await ask(port, 'OPTIONS', '/', { 'max-forwards': '3' });
    expect(headersOf(origin.heads[0])).toContain('max-forwards: 2');
  });

  test('in a transfer coding that is not understood is refused', async () => {
    const { port, origin } = await proxies.start((socket) => socket.write(answer()));
    const client = openRaw(
      port,
      'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
    );
    await eventually(() => expect(client.text()).toMatch(/^HTTP\/1\.1 [45]\d\d/));
    client.socket.destroy();
    expect(origin.heads).toEqual([]);
  });
});

describe('an answer that is passed back', () => {
  test('keeps status and headers, also those that come several times, and loses those of the connection', async () => {
    const { port } = await proxies.start((socket) =>
      socket.write(
        answer('body', 'HTTP/1.1 207 Whatever', [
          'Set-Cookie: a=1',
          'Connection: X-Hop',
          'X-Hop: secret',
          'Set-Cookie: b=2',
          'Warning: 1',
          'Warning: 2',
          'Keep-Alive: timeout=5',
          'Proxy-Authenticate: Basic',
          'Upgrade: h2c',
          'X-Request-Id: theirs',
        ]),
      ),
    );
    const client = openRaw(port, 'GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    await eventually(() => expect(client.text()).toContain('body'));
    client.socket.destroy();
    const headers = headersOf(client.text().split('\r\n\r\n')[0]);
    expect(client.text()).toMatch(/^HTTP\/1\.1 207/);
    expect(headers.filter((line) => /^(set-cookie|warning)/.test(line))).toEqual([
      'set-cookie: a=1',
      'set-cookie: b=2',
      'warning: 1',
      'warning: 2',
    ]);
    expect(headers.filter((line) => /^(x-hop|proxy|upgrade|x-request-id)/.test(line))).toEqual(['x-request-id: id']);
    expect(headers.filter((line) => line.startsWith('content-length'))).toEqual(['content-length: 4']);
  });

  test('in chunks is whole', async () => {
    const { port } = await proxies.start((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n');
      setTimeout(() => socket.write('2\r\ncd\r\n0\r\nx-trailer: 1\r\n\r\n'), 30);
    });
    const { headers, text } = await ask(port, 'GET', '/');
    expect([headers['transfer-encoding'], headers['content-length'], text]).toEqual(['chunked', undefined, 'abcd']);
  });

  test('that comes slowly is passed on as it comes, with its length', async () => {
    let socket: Socket | undefined;
    const { port, outcomes } = await proxies.start((origin) => {
      socket = origin;
      origin.write(HALF);
    });
    const client = openRaw(port, 'GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    await eventually(() => expect(client.text()).toMatch(/content-length: 10\r\n[^]*half$/));
    expect(outcomes).toEqual([]);
    socket?.write('whole!');
    await eventually(() => expect(client.text()).toMatch(/halfwhole!$/));
    client.socket.destroy();
    await eventually(() => expect(outcomes).toMatchObject([{ status: 200, error: undefined }]));
  });

  test('begins before its body has', async () => {
    const { port } = await proxies.start((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n'));
    const client = openRaw(port, 'GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    await eventually(() => expect(client.text()).toMatch(/^HTTP\/1\.1 200[^]*\r\n\r\n$/));
    client.socket.destroy();
  });

  test.each([
    ['HEAD', 'HTTP/1.1 200 OK', 'content-length: 99', '99'],
    ['GET', 'HTTP/1.1 304 Not Modified', 'content-length: 99', '99'],
    ['GET', 'HTTP/1.1 304 Not Modified', 'etag: "a"', undefined],
    ['GET', 'HTTP/1.1 204 No Content', 'etag: "a"', undefined],
    ['DELETE', 'HTTP/1.1 200 OK', 'content-length: 0', '0'],
  ])('without a body has none: %s, %s, %s', async (method, line, header, length) => {
    const { port } = await proxies.start((socket) => socket.write(`${line}\r\n${header}\r\n\r\n`));
    const answered = await ask(port, method, '/');
    expect([answered.status, answered.text]).toEqual([Number(line.split(' ')[1]), '']);
    expect(answered.headers['content-length']).toBe(length);
    expect(answered.headers['transfer-encoding']).toBeUndefined();
  });

  test('that comes before the body of its request has been sent closes the connection', async () => {
    const { port, origin } = await proxies.start((socket) =>
      socket.write(answer('', 'HTTP/1.1 413 Content Too Large')),
    );
    const client = openRaw(port, 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\npart');
    await eventually(() => expect(client.text()).toMatch(/^HTTP\/1\.1 413[^]*connection: close/i));
    await client.closed;
    await eventually(() => expect(origin.open()).toBe(0));
  });
});
