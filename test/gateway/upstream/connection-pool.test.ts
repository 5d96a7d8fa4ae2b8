import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { answer } from '../origin.ts';
import { GET, TestUpstreams } from './client.ts';

const upstreams = new TestUpstreams();
afterEach(() => upstreams.closeAll());

describe('the connections to an upstream', () => {
  test('are used again', async () => {
    const { client, origin } = await upstreams.start((socket) => socket.write(answer()));
    for (let request = 0; request < 5; request++) await client.fetch(GET);
    expect(origin.sockets).toHaveLength(1);
  });

  test('are never more than their number; who comes later waits', async () => {
    const held: Socket[] = [];
    const { client, origin } = await upstreams.start(
      (socket) => held.push(socket),
      ['upstream.connections=2', 'upstream.keptAlive=2'],
    );
    const asked = Array.from({ length: 5 }, () => client.fetch(GET));
    await eventually(() => expect(held).toHaveLength(2));
    expect(client.connections().critical).toEqual({ open: 2, idle: 0, waiting: 3 });
    const answering = eventually(() => {
      for (const socket of held.splice(0)) socket.write(answer());
      expect(origin.heads).toHaveLength(5);
    });
    await Promise.all([...asked, answering.then(() => held.splice(0).forEach((socket) => socket.write(answer())))]);
    expect(origin.sockets).toHaveLength(2);
  });

  test('are waited for by nobody who has left', async () => {
    const { client, origin } = await upstreams.start(
      () => undefined,
      ['upstream.connections=1', 'upstream.keptAlive=1'],
    );
    const given = new AbortController();
    const asked = [0, 1, 2].map(() => client.fetch({ ...GET, signal: given.signal }));
    expect(client.connections().critical.waiting).toBe(2);
    await eventually(() => expect(origin.heads).toHaveLength(1));
    given.abort();
    await Promise.allSettled(asked);
    expect(client.connections().critical.waiting).toBe(0);
    expect(origin.heads).toHaveLength(1);
  });

  test('are waited for no longer than the time of the request', async () => {
    const { client, origin } = await upstreams.start(
      () => undefined,
      ['upstream.connections=1', 'upstream.keptAlive=1'],
    );
    const holder = new AbortController();
    const held = client.fetch({ ...GET, signal: holder.signal });
    const asked = [false, true].map((idempotent) => client.fetch({ ...GET, idempotent, timeoutMs: 100 }));
    for (const each of await Promise.allSettled(asked))
      expect(each).toMatchObject({ status: 'rejected', reason: { code: 'deadline-exceeded' } });
    expect(client.connections().critical).toEqual({ open: 1, idle: 0, waiting: 0 });
    expect(origin.heads).toHaveLength(1);
    holder.abort();
    await Promise.allSettled([held]);
  });

  test('carry nothing for whoever left while they were opened, and are then of use to others', async () => {
    const { client, origin } = await upstreams.start((socket) => socket.write(answer()));
    const given = new AbortController();
    const asked = client.fetch({ ...GET, path: '/left', signal: given.signal });
    given.abort();
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
    await eventually(() => expect(client.connections().critical.idle).toBe(1));
    await client.fetch({ ...GET, path: '/next' });
    expect(origin.heads).toEqual([expect.stringContaining('/next')]);
    expect(origin.sockets).toHaveLength(1);
  });

  test('are kept when idle, up to their number', async () => {
    const held: Socket[] = [];
    const { client, origin } = await upstreams.start((socket) => held.push(socket), ['upstream.keptAlive=3']);
    const asked = Array.from({ length: 8 }, () => client.fetch(GET));
    await eventually(() => expect(held).toHaveLength(8));
    for (const socket of held) socket.write(answer());
    await Promise.all(asked);
    await eventually(() => expect(origin.open()).toBe(3));
    expect(client.connections().critical).toEqual({ open: 3, idle: 3, waiting: 0 });
  });

  test('are closed after the time that idle ones are kept', async () => {
    const { client, origin } = await upstreams.start((socket) => socket.write(answer()), ['upstream.keepAlive=100ms']);
    await client.fetch(GET);
    expect(origin.open()).toBe(1);
    await eventually(() => expect(origin.open()).toBe(0), 3_000);
    expect(client.connections().critical).toEqual({ open: 0, idle: 0, waiting: 0 });
  });

  test('are closed before the time that the upstream announces is over', async () => {
    const announced = answer('', 'HTTP/1.1 200 OK', ['Keep-Alive: timeout=2']);
    const { client, origin } = await upstreams.start((socket) => socket.write(announced), ['upstream.keepAlive=20s']);
    await client.fetch(GET);
    const start = performance.now();
    await eventually(() => expect(origin.open()).toBe(0), 3_000);
    expect(performance.now() - start).toBeLessThan(1_900);
  });

  test('are not used again when the upstream says so', async () => {
    const last = answer('', 'HTTP/1.1 200 OK', ['Connection: close']);
    const { client, origin } = await upstreams.start((socket) => socket.write(last));
    await client.fetch(GET);
    await eventually(() => expect(client.connections().critical.open).toBe(0));
    await client.fetch(GET);
    expect(origin.sockets).toHaveLength(2);
  });

  test('of one lane, and those of streams, are no other lane’s', async () => {
    const { client, origin } = await upstreams.start(
      (socket, head) => {
        if (!head.includes('/slow')) socket.write(answer());
      },
      ['upstream.connections=1', 'upstream.keptAlive=1', 'upstream.streamConnections=1'],
    );
    const slow = [
      client.fetch({ ...GET, path: '/slow', lane: 'background' }),
      client.fetch({ ...GET, path: '/slow', stream: true }),
    ];
    await eventually(() => expect(origin.heads).toHaveLength(2));
    expect((await client.fetch({ ...GET, lane: 'critical' })).status).toBe(200);
    origin.sockets.forEach((socket) => socket.write(answer()));
    await Promise.all(slow);
  });

  test('that connect in vain do not pile up while nobody waits for them', async () => {
    const { client } = upstreams.client(await upstreams.blackHole(), [
      'upstream.connections=2',
      'upstream.keptAlive=2',
      'upstream.connectTimeout=300ms',
    ]);
    for (let round = 0; round < 50; round++) {
      const given = new AbortController();
      const asked = client.fetch({ ...GET, signal: given.signal });
      given.abort();
      await asked.catch(() => undefined);
      expect(client.connections().critical.open).toBeLessThanOrEqual(2);
      expect(client.connections().critical.waiting).toBe(0);
    }
    await eventually(() => expect(client.connections().critical.open).toBe(0));
  });
});
