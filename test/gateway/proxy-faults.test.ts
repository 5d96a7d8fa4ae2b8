import { request as send } from 'node:http';
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

/** 100 ms are promised; the rest is margin for a busy machine. */
const CANCELLED_WITHIN_MS = 1_000;
const HALF = 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf';

describe('an origin that fails', () => {
  test.each([
    ['before an answer', (socket: Socket) => socket.destroy(), 502],
    ['with half a head', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nx:'), 502],
  ])('%s is answered for', async (_when, script, status) => {
    const { port } = await proxies.start(script);
    const answered = await ask(port, 'GET', '/');
    expect(answered.status).toBe(status);
    expect(answered.headers['content-type']).toBe('application/problem+json');
  });

  test('in the middle of an upload leaves the client its connection', async () => {
    const { port, origin } = await proxies.start((socket, _head, nth) => {
      if (nth === 0) socket.resetAndDestroy();
      else socket.write(answer('next'));
    });
    const half = 'x'.repeat(2 ** 20);
    const client = openRaw(port, `POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${2 ** 21}\r\n\r\n${half}`);
    await eventually(() => expect(client.text()).toMatch(/^HTTP\/1\.1 502/));
    client.socket.write(`${half}GET / HTTP/1.1\r\nhost: a\r\n\r\n`);
    await eventually(() => expect(client.text()).toMatch(/HTTP\/1\.1 200[^]*next$/));
    client.socket.destroy();
    expect(origin.heads).toHaveLength(2);
  });

  test.each([
    ['a length', HALF],
    ['chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  ])('in the middle of an answer with %s cuts the client off', async (_what, bytes) => {
    const { port, outcomes } = await proxies.start((socket) => {
      socket.write(bytes);
      setTimeout(() => socket.destroy(), 30);
    });
    await expect(ask(port, 'GET', '/')).rejects.toThrow();
    await eventually(() => expect(outcomes).toMatchObject([{ status: 200, error: expect.anything() as unknown }]));
  });

  test('in the middle of an answer resets a client that would take the end for the whole', async () => {
    const { port } = await proxies.start((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n');
      setTimeout(() => socket.destroy(), 50);
    });
    const client = openRaw(port, 'GET / HTTP/1.0\r\nhost: a\r\n\r\n');
    expect(await client.closed).toBe(true);
  });
});

describe('a client that leaves', () => {
  test.each([
    ['before the head', '', ''],
    ['in the middle of the body', HALF, 'half'],
  ])('%s ends the request to the origin', async (_when, bytes, seen) => {
    let leftAt = 0;
    const { port, origin, outcomes, client: upstream } = await proxies.start((socket) => socket.write(bytes));
    const client = openRaw(port, 'GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    await eventually(() => expect(origin.heads).toHaveLength(1));
    await eventually(() => expect(client.text()).toContain(seen));
    const closed = new Promise<number>((resolve) =>
      origin.sockets[0]?.once('close', () => resolve(performance.now() - leftAt)),
    );
    leftAt = performance.now();
    client.socket.destroy();
    expect(await closed).toBeLessThan(CANCELLED_WITHIN_MS);
    await eventually(() => expect(outcomes).toMatchObject([{ status: 499 }]));
    await eventually(() => expect(upstream.connections().critical).toEqual({ open: 0, idle: 0, waiting: 0 }));
  });

  test('does not end a request that is made for others too', async () => {
    let answering: Socket | undefined;
    const {
      port,
      origin,
      client: upstream,
    } = await proxies.start((socket) => (answering = socket), { detached: true });
    const client = openRaw(port, 'GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    await eventually(() => expect(origin.heads).toHaveLength(1));
    client.socket.destroy();
    await client.closed;
    answering?.write(answer('for others'));
    await eventually(() => expect(upstream.connections().critical).toEqual({ open: 1, idle: 1, waiting: 0 }));
  });

  test('in the middle of its own body ends the request to the origin', async () => {
    const { port, origin, outcomes } = await proxies.start(() => undefined);
    const client = openRaw(port, 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\npart');
    await eventually(() => expect(origin.heads).toHaveLength(1));
    client.socket.destroy();
    await eventually(() => expect(origin.open()).toBe(0), CANCELLED_WITHIN_MS, 5);
    await eventually(() => expect(outcomes).toMatchObject([{ status: 499 }]));
  });

  test('and another that stays have nothing to do with each other', async () => {
    const held: Socket[] = [];
    const { port, origin } = await proxies.start((socket) => held.push(socket));
    const leaving = openRaw(port, 'GET /1 HTTP/1.1\r\nhost: a\r\n\r\n');
    const staying = ask(port, 'GET', '/2');
    await eventually(() => expect(held).toHaveLength(2));
    leaving.socket.destroy();
    await eventually(() => expect(origin.open()).toBe(1));
    held.forEach((socket) => socket.destroyed || socket.write(answer('ok')));
    expect((await staying).text).toBe('ok');
  });
});

describe('back-pressure', () => {
  const TOTAL = 50 * 2 ** 20;

  test('of a client that reads nothing stops the origin, and goes on when it reads', async () => {
    let written = 0;
    const { port } = await proxies.start((socket) => {
      const chunk = Buffer.alloc(65_536, 'x');
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${TOTAL}\r\n\r\n`);
      const fill = (): void => {
        while (written < TOTAL) {
          written += chunk.length;
          if (!socket.write(chunk)) return;
        }
      };
      socket.on('drain', fill);
      fill();
    });
    const before = process.memoryUsage().arrayBuffers;
    let received = 0;
    const client = send({ port, host: '127.0.0.1', agent: false }).end();
    const response = await new Promise<AsyncIterable<Buffer>>((resolve) => client.on('response', resolve));
    await settled(() => written);
    // The rest is in the kernel's buffers, which are several megabytes on each way.
    expect(written).toBeLessThan(TOTAL / 2);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 2 ** 20);
    for await (const chunk of response) received += chunk.length;
    expect(received).toBe(TOTAL);
  });

  test('of an origin that reads nothing stops the client', async () => {
    let written = 0;
    const { port, origin } = await proxies.start((socket) => socket.pause());
    const client = send({
      port,
      host: '127.0.0.1',
      method: 'POST',
      headers: { 'content-length': TOTAL },
      agent: false,
    });
    client.on('error', () => undefined);
    const chunk = Buffer.alloc(65_536);
    const fill = (): void => {
      while (written < TOTAL) {
        written += chunk.length;
        if (!client.write(chunk)) return;
      }
    };
    client.on('drain', fill);
    fill();
    await eventually(() => expect(origin.heads).toHaveLength(1));
    await settled(() => written);
    expect(written).toBeLessThan(TOTAL / 2);
    client.destroy();
  });

  /** Waits until a number has stayed the same for a while. */
  async function settled(read: () => number): Promise<void> {
    let last = -1;
    await eventually(
      () => {
        const now = read();
        const same = now === last;
        last = now;
        expect(same).toBe(true);
      },
      10_000,
      200,
    );
  }
});
