import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { ask, type TestGateway } from '../../support/gateway.ts';
import { sendRaw } from '../../support/raw.ts';
import { get, PATHS, startKept, writers, type GatewayOptions } from './pair.ts';

let gateway: TestGateway | undefined;
const start = async (values: readonly string[] = [], options: GatewayOptions = {}) =>
  (gateway = await startKept('fast', values, options));
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await gateway?.close();
});

/** Requests that fit into what is read at once, and whose answers are sixty megabytes. */
const COUNT = 1_000;

/** A client that keeps what it reads, and when it was closed. */
function client(port: number) {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  const state = { socket, text: '', closedAt: 0, openedAt: performance.now() };
  socket.on('data', (chunk: Buffer) => (state.text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  socket.on('end', () => (state.closedAt = performance.now()));
  return state;
}

const closed = (one: ReturnType<typeof client>) =>
  eventually(() => {
    expect(one.closedAt).toBeGreaterThan(0);
    return one.closedAt - one.openedAt;
  });

describe('a client that is slow', () => {
  test('and says nothing is answered 408 in the time for a head', async () => {
    const { port } = await start(['gateway.requestTimeout=1s', 'routes.health.timeout=500ms']);
    const silent = client(port);
    const afterMs = await closed(silent);
    expect(silent.text).toMatch(/^HTTP\/1\.1 408 /);
    expect(afterMs).toBeGreaterThan(900);
    expect(afterMs).toBeLessThan(4_000);
  });

  test('with its first head has the time from its connecting', async () => {
    const { port } = await start(['gateway.requestTimeout=4s']);
    const slow = client(port);
    await wait(3_000);
    slow.socket.write('GET / HTTP/1.1\r\nhost: a');
    const afterMs = await closed(slow);
    expect(slow.text).toMatch(/^HTTP\/1\.1 408 /);
    expect(afterMs).toBeLessThan(6_500);
  });

  test('but sends its first request in time is served', async () => {
    const { port } = await start(['gateway.requestTimeout=4s']);
    const slow = client(port);
    await wait(2_000);
    slow.socket.write(get().slice(0, 20));
    await wait(100);
    slow.socket.write(get().slice(20));
    await eventually(() => expect(slow.text).toMatch(/^HTTP\/1\.1 200 /));
    await wait(3_500);
    expect(slow.text).not.toContain('408');
    expect(slow.closedAt).toBe(0);
  });

  test('with a later head is answered 408 too', async () => {
    const { port } = await start(['gateway.requestTimeout=1s', 'routes.health.timeout=500ms']);
    const slow = client(port);
    slow.socket.write(get() + get().slice(0, 20));
    await closed(slow);
    expect(slow.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 408']);
  });

  test('to read holds up itself alone, and is served all in the end', async () => {
    const running = await start();
    const slow = client(running.port);
    slow.socket.pause();
    slow.socket.write(get('/v1/search?q=long').repeat(COUNT));
    const answered = await eventually(async () => {
      const before = running.outcomes.length;
      await wait(200);
      expect(running.outcomes).toHaveLength(before);
      expect(before).toBeGreaterThan(0);
      return before;
    });
    // The kernel takes some megabytes; what it does not take must not be made.
    expect(answered).toBeLessThan(COUNT / 2);
    expect((await ask(running.port, 'GET', PATHS[0] ?? '')).status).toBe(200);
    slow.socket.resume();
    await eventually(() => expect(slow.text.match(/x-cache: HIT/g)).toHaveLength(COUNT));
    expect(writers(running).slice(0, answered)).toEqual(Array.from({ length: answered }, () => 'fast'));
  });
});

describe('an idle connection', () => {
  test('is closed after the time that was announced, and not before', async () => {
    const { port } = await start(['gateway.keepAlive=1s']);
    const idle = client(port);
    idle.socket.write(get());
    await eventually(() => expect(idle.text).toContain('Keep-Alive: timeout=1\r\n'));
    const afterMs = await closed(idle);
    expect(afterMs).toBeGreaterThan(1_000);
    expect(afterMs).toBeLessThan(6_000);
  });

  test('is one of two thousand that take nothing from the others', async () => {
    const { port } = await start();
    const idle = Array.from({ length: 2_000 }, () => client(port));
    await Promise.all(idle.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))));
    expect((await sendRaw(port, get(), 1)).statuses).toEqual([200]);
    for (const { socket } of idle) socket.destroy();
    await eventually(async () => expect((await sendRaw(port, get(), 1)).statuses).toEqual([200]));
  });

  test('that the client resets is forgotten', async () => {
    const { port, close } = await start();
    const idle = client(port);
    idle.socket.write(get());
    await eventually(() => expect(idle.text).toContain('200 OK'));
    idle.socket.resetAndDestroy();
    await close();
    gateway = undefined;
  });
});

describe('while the gateway stops', () => {
  test('clients are asked to connect anew, as by the default listener, and their connections are closed', async () => {
    let draining = false;
    const { port } = await start([], { isDraining: () => draining });
    const kept = client(port);
    kept.socket.write(get());
    await eventually(() => expect(kept.text).toContain('Connection: keep-alive'));
    draining = true;
    const text = kept.text.length;
    kept.socket.write(get(PATHS[0], 'X-Request-Id: last') + get());
    await closed(kept);
    const last = kept.text.slice(text);
    expect(last.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(last).toMatch(/\r\nconnection: close\r\ncontent-length: \d+\r\nDate: [^\r]*\r\n\r\n/);
  });
});
