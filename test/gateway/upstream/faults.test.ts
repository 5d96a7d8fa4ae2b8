import { afterEach, describe, expect, test } from '@jest/globals';
import { findFreePort } from '../../../service/store/free-port.ts';
import { eventually } from '../../support/eventually.ts';
import { answer, type Script } from '../origin.ts';
import { GET, POST, TestUpstreams } from './client.ts';

const upstreams = new TestUpstreams();
const rejections: unknown[] = [];
const onRejection = (reason: unknown): void => void rejections.push(reason);
process.on('unhandledRejection', onRejection);
afterEach(async () => {
  await upstreams.closeAll();
  expect(rejections).toEqual([]);
});

const FAILED = { code: 'upstream-failed' };
const LATE = { code: 'deadline-exceeded' };

describe('no answer comes', () => {
  test('where nothing listens', async () => {
    const { client, outcomes } = upstreams.client(`http://127.0.0.1:${await findFreePort()}`);
    await expect(client.fetch(GET)).rejects.toMatchObject(FAILED);
    expect(outcomes).toEqual(['error', 'error']);
  });

  test('where connecting takes for ever, within the time to connect', async () => {
    const { client, outcomes } = upstreams.client(await upstreams.blackHole(), [
      'upstream.connectTimeout=200ms',
      'upstream.attempts=1',
    ]);
    const start = performance.now();
    await expect(client.fetch(GET)).rejects.toMatchObject(LATE);
    expect(outcomes).toEqual(['timeout']);
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(client.connections().critical).toEqual({ open: 0, idle: 0, waiting: 0 });
  });

  test('where the upstream accepts and says nothing', async () => {
    const { client, outcomes, origin } = await upstreams.start(() => undefined, ['upstream.attemptTimeout=50ms']);
    await expect(client.fetch(GET)).rejects.toMatchObject(LATE);
    expect(outcomes).toEqual(['timeout', 'timeout']);
    await eventually(() => expect(origin.open()).toBe(0), 1_000, 5);
  });

  test('where the head comes slower than the attempt may take, byte by byte', async () => {
    const timers: NodeJS.Timeout[] = [];
    const { client } = await upstreams.start(
      (socket) => {
        const bytes = Array.from(answer('x'));
        timers.push(setInterval(() => socket.write(bytes.shift() ?? ''), 20));
      },
      ['upstream.attemptTimeout=100ms', 'upstream.attempts=2'],
    );
    await expect(client.fetch(GET)).rejects.toMatchObject(LATE);
    timers.forEach(clearInterval);
  });

  test.each<[what: string, script: Script]>([
    ['resets the connection', (socket) => socket.resetAndDestroy()],
    ['closes in the middle of the head', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le')],
    ['sends no HTTP', (socket) => socket.end('SSH-2.0-OpenSSH\r\n\r\n')],
    [
      'sends a head that is too large',
      (socket) => socket.write(answer('', 'HTTP/1.1 200 OK', [`x: ${'y'.repeat(20_000)}`])),
    ],
    ['sends two different lengths', (socket) => socket.write(answer('abc', 'HTTP/1.1 200 OK', ['content-length: 1']))],
    [
      'sends a length and a transfer coding',
      (socket) => socket.write(answer('0\r\n\r\n', 'HTTP/1.1 200 OK', ['transfer-encoding: chunked'])),
    ],
    [
      'uses a transfer coding that nobody asked for',
      (socket) => socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n'),
    ],
    ['has a NUL in a header', (socket) => socket.write(answer('', 'HTTP/1.1 200 OK', ['x: a\0b']))],
    ['has a line break in a header', (socket) => socket.write(answer('', 'HTTP/1.1 200 OK', ['x: a\rb']))],
    ['has a space in the name of a header', (socket) => socket.write(answer('', 'HTTP/1.1 200 OK', ['x y: a']))],
    ['folds a header over two lines', (socket) => socket.write(answer('', 'HTTP/1.1 200 OK', ['x: a\r\n b']))],
    ['sends a status below 100', (socket) => socket.write(answer('', 'HTTP/1.1 099 Odd'))],
    ['continues unasked', (socket) => socket.write(`HTTP/1.1 100 Continue\r\n\r\n${answer()}`)],
    ['switches protocols unasked', (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n')],
  ])('where the upstream %s', async (_what, script) => {
    const { client, outcomes } = await upstreams.start(script);
    await expect(client.fetch(POST)).rejects.toMatchObject(FAILED);
    expect(outcomes).toEqual(['error']);
  });
});

describe('a body breaks off', () => {
  const head = 'HTTP/1.1 200 OK\r\n';
  test.each<[what: string, script: Script]>([
    ['with a reset', (socket) => socket.write(`${head}content-length: 9\r\n\r\nhalf`, () => socket.resetAndDestroy())],
    ['before its announced length', (socket) => socket.end(`${head}content-length: 9\r\n\r\nhalf`)],
    ['without its last chunk', (socket) => socket.end(`${head}transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n`)],
    ['in bad chunks', (socket) => socket.write(`${head}transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n`)],
  ])('%s', async (_what, script) => {
    const { client } = await upstreams.start(script);
    const read = client.fetch(GET).then(({ body }) => body.whole ?? body.collect(100));
    await expect(read).rejects.toBeDefined();
  });

  test('after a pause that is longer than the upstream may make', async () => {
    const { client } = await upstreams.start(
      (socket) => socket.write(`${head}content-length: 9\r\n\r\nhalf`),
      ['upstream.budget=300ms', 'upstream.attemptTimeout=100ms'],
    );
    const { body } = await client.fetch(GET);
    await expect(body.collect(100)).rejects.toMatchObject({ code: 'UND_ERR_BODY_TIMEOUT' });
  });
});

describe('an answer is whole', () => {
  const whole = async (script: Script, method = 'GET'): Promise<string> => {
    const { client } = await upstreams.start(script);
    const { status, body } = await client.fetch({ ...GET, method });
    return `${status} ${String(body.whole ?? (await body.collect(100)))}`;
  };

  test('after interim answers', async () => {
    const early = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n';
    expect(await whole((socket) => socket.write(early + answer('ok')))).toBe('200 ok');
  });

  test('that comes byte by byte', async () => {
    const script: Script = (socket) => {
      const bytes = Array.from(answer('slowly'));
      const timer = setInterval(() => {
        const byte = bytes.shift();
        if (byte === undefined) clearInterval(timer);
        else socket.write(byte);
      }, 1);
    };
    expect(await whole(script)).toBe('200 slowly');
  });

  test('that ends with its connection', async () => {
    expect(await whole((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nto the end'))).toBe('200 to the end');
  });

  test.each([
    ['HEAD', 'HTTP/1.1 200 OK'],
    ['GET', 'HTTP/1.1 304 Not Modified'],
    ['GET', 'HTTP/1.1 204 No Content'],
  ])('without a body: %s, %s', async (method, line) => {
    const length = line.includes('204') ? '' : 'content-length: 99\r\n';
    expect(await whole((socket) => socket.write(`${line}\r\n${length}\r\n`), method)).toBe(`${line.slice(9, 12)} `);
  });
});
