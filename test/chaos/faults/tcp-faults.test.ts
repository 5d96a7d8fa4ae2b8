import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startProxy, type Proxy } from '../../../chaos/faults/index.ts';
import { eventually } from '../../support/eventually.ts';
import { call, startEcho, startTcp, type Caller, type Peer } from './peers.ts';

let echo: Peer;
let proxy: Proxy;

beforeEach(async () => {
  echo = await startEcho();
  proxy = await proxyOf(echo);
});
afterEach(async () => {
  await proxy.close();
  await echo.close();
});

/** A proxy of TCP before a peer. */
function proxyOf({ host, port }: Peer, random: () => number = () => 0.5): Promise<Proxy> {
  return startProxy({ listen: { host: '127.0.0.1', port: 0 }, target: { host, port }, protocol: 'tcp', random });
}

/** A connection over which a word has gone there and back. */
async function talking(): Promise<Caller> {
  const caller = call(proxy.port);
  caller.socket.write('hello');
  await eventually(() => expect(caller.read().toString()).toBe('hello'));
  return caller;
}

describe('without a fault', () => {
  test('every byte passes in both directions, however many', async () => {
    const sent = randomBytes(8 * 2 ** 20);
    const caller = call(proxy.port);
    caller.socket.end(sent);
    await eventually(() => expect(caller.ending()).toBe('end'));
    expect(caller.read().equals(sent)).toBe(true);
    await eventually(() => expect(proxy.counts()).toMatchObject({ open: 0, connections: 1, requests: 0 }));
    expect(proxy.counts()).toMatchObject({ bytesIn: sent.length, bytesOut: sent.length });
  });

  test('a client that has said all it has still gets its answer', async () => {
    const peer = await startTcp((socket) => {
      socket.resume();
      socket.on('end', () => socket.end('all of it'));
    });
    proxy.lead(peer);
    const caller = call(proxy.port);
    caller.socket.end('question');
    await eventually(() => expect(caller.ending()).toBe('end'));
    expect(caller.read().toString()).toBe('all of it');
    await peer.close();
  });

  test('a target that is not there, and one that resets, reset the client', async () => {
    const peer = await startTcp((socket) => socket.on('data', () => socket.resetAndDestroy()));
    proxy.lead(peer);
    const caller = call(proxy.port);
    caller.socket.write('x');
    await eventually(() => expect(caller.ending()).toBe('ECONNRESET'));
    await peer.close();
    const next = call(proxy.port);
    await eventually(() => expect(next.ending()).toBe('ECONNRESET'));
    await eventually(() => expect(proxy.counts().open).toBe(0));
  });

  test('a receiver that reads nothing holds its sender up instead of filling the memory', async () => {
    let sent = 0;
    const peer = await startTcp((socket) => {
      const chunk = Buffer.alloc(2 ** 20);
      const more = (): void => {
        while (sent < 512 * 2 ** 20 && socket.write(chunk)) sent += chunk.length;
      };
      socket.on('drain', more);
      more();
    });
    proxy.lead(peer);
    const caller = call(proxy.port);
    caller.socket.pause();
    let before = -1;
    await eventually(
      () => {
        const still = sent === before && sent > 0;
        before = sent;
        expect(still).toBe(true);
      },
      15_000,
      300,
    );
    expect(sent).toBeLessThan(64 * 2 ** 20);
    caller.socket.destroy();
    await peer.close();
  });

  test('new connections lead to another target, and those that are stay', async () => {
    const peer = await startTcp((socket) => socket.end('other'));
    const old = await talking();
    proxy.lead(peer);
    const caller = call(proxy.port);
    await eventually(() => expect(caller.read().toString()).toBe('other'));
    old.socket.write('!');
    await eventually(() => expect(old.read().toString()).toBe('hello!'));
    await peer.close();
  });
});

describe('latency', () => {
  test('what is sent comes back so much later, and at once when it is over', async () => {
    const caller = await talking();
    await proxy.set({ kind: 'latency', latency: '400ms' });
    const startedAt = performance.now();
    caller.socket.write('1');
    await eventually(() => expect(caller.read().toString()).toBe('hello1'), 15_000, 5);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(395);
    await proxy.set({ kind: 'latency', latency: '1h' });
    caller.socket.write('2');
    await eventually(() => expect(proxy.counts().bytesIn).toBe(7));
    await proxy.clear();
    await eventually(() => expect(caller.read().toString()).toBe('hello12'));
  });

  test('jitter changes when bytes come, never their order', async () => {
    let drawn = 0;
    const jittery = await proxyOf(echo, () => (drawn++ % 7) / 6);
    await jittery.set({ kind: 'latency', latency: '40ms', jitter: '40ms' });
    const caller = call(jittery.port);
    const words = Array.from({ length: 60 }, (_, index) => `${index};`);
    for (const word of words) {
      caller.socket.write(word);
      await new Promise((resolve) => setImmediate(resolve));
    }
    caller.socket.end();
    await eventually(() => expect(caller.ending()).toBe('end'));
    expect(caller.read().toString()).toBe(words.join(''));
    await jittery.close();
  });

  test('the end of a connection waits for what was sent before it', async () => {
    await proxy.set({ kind: 'latency', latency: '200ms' });
    const caller = call(proxy.port);
    caller.socket.end('last words');
    await eventually(() => expect(caller.ending()).toBe('end'));
    expect(caller.read().toString()).toBe('last words');
  });
});

test('bandwidth lets no more bytes pass than so many a second, and all of them in the end', async () => {
  await proxy.set({ kind: 'bandwidth', perSecond: '64Ki' });
  const sent = randomBytes(64 * 1024);
  const caller = call(proxy.port);
  const startedAt = performance.now();
  caller.socket.end(sent);
  await eventually(() => expect(caller.ending()).toBe('end'));
  expect(performance.now() - startedAt).toBeGreaterThan(900);
  expect(caller.read().equals(sent)).toBe(true);
});

test('reset ends connections that are, and each new one, by RST; afterwards all is well', async () => {
  const caller = await talking();
  await proxy.set({ kind: 'reset' });
  await eventually(() => expect(caller.ending()).toBe('ECONNRESET'));
  const next = call(proxy.port);
  await eventually(() => expect(next.ending()).toBe('ECONNRESET'));
  await eventually(() => expect(echo.sockets.size).toBe(0));
  await proxy.clear();
  await talking();
});

test('refuse ends connections that are, takes none, and takes them again on the same port', async () => {
  const caller = await talking();
  await proxy.set({ kind: 'refuse' });
  await eventually(() => expect(caller.ending()).toBe('end'));
  const next = call(proxy.port);
  await eventually(() => expect(next.ending()).toBe('ECONNREFUSED'));
  const port = proxy.port;
  await proxy.clear();
  expect(proxy.port).toBe(port);
  await talking();
});

describe('black hole', () => {
  test('connections are taken, nothing passes, and all are reset when it is over', async () => {
    const old = await talking();
    await proxy.set({ kind: 'black-hole' });
    const next = call(proxy.port);
    await once(next.socket, 'connect');
    next.socket.write('anybody?');
    old.socket.write('still there?');
    await eventually(() => expect(proxy.counts().bytesIn).toBe(25));
    expect(echo.sockets.size).toBe(1);
    await proxy.clear();
    await eventually(() => expect([old.ending(), next.ending()]).toEqual(['ECONNRESET', 'ECONNRESET']));
    expect([old.read().toString(), next.read().toString()]).toEqual(['hello', '']);
    await eventually(() => expect([proxy.counts().open, echo.sockets.size]).toEqual([0, 0]));
    await talking();
  });

  test('a client that gives up leaves no connection of its own, and the target does not learn of it', async () => {
    const old = await talking();
    await proxy.set({ kind: 'black-hole' });
    const given = Array.from({ length: 20 }, () => call(proxy.port));
    await eventually(() => expect(proxy.counts().open).toBe(21));
    for (const { socket } of [...given, old]) socket.destroy();
    await eventually(() => expect(proxy.counts().open).toBe(1));
    expect(echo.sockets.size).toBe(1);
    await proxy.clear();
    await eventually(() => expect([proxy.counts().open, echo.sockets.size]).toEqual([0, 0]));
  });

  test('a sender has to wait once the buffers on the way are full', async () => {
    const old = await talking();
    await proxy.set({ kind: 'black-hole' });
    let isDone = false;
    old.socket.write(Buffer.alloc(64 * 2 ** 20), () => (isDone = true));
    let before = -1;
    await eventually(
      () => {
        const { bytesIn } = proxy.counts();
        const still = bytesIn === before && bytesIn > 5;
        before = bytesIn;
        expect(still).toBe(true);
      },
      15_000,
      300,
    );
    expect(isDone).toBe(false);
    expect(before).toBeLessThan(2 ** 20);
  });
});

test('half-open silences the connections that are for good, and none of the new ones', async () => {
  const old = await talking();
  await proxy.set({ kind: 'half-open' });
  const next = await talking();
  old.socket.write('lost');
  await proxy.clear();
  old.socket.write('lost as well');
  next.socket.write('!');
  await eventually(() => expect(next.read().toString()).toBe('hello!'));
  await eventually(() => expect(proxy.counts().bytesIn).toBe(27));
  expect([old.read().toString(), old.ending()]).toEqual(['hello', undefined]);
  old.socket.destroy();
  await eventually(() => expect(proxy.counts().open).toBe(1));
  await eventually(() => expect(echo.sockets.size).toBe(1));
});

test('a connection of which one side ended under half-open ends with the fault', async () => {
  const old = await talking();
  await proxy.set({ kind: 'half-open' });
  old.socket.destroy();
  await eventually(() => expect(old.socket.destroyed).toBe(true));
  expect(echo.sockets.size).toBe(1);
  await proxy.clear();
  await eventually(() => expect([proxy.counts().open, echo.sockets.size]).toEqual([0, 0]));
});

test('cut ends each answer by RST after so many bytes of it', async () => {
  const caller = await talking();
  await proxy.set({ kind: 'cut', after: 4 });
  caller.socket.write('1234');
  await eventually(() => expect(caller.read().toString()).toBe('hello1234'));
  caller.socket.write('56789');
  await eventually(() => expect(caller.ending()).toBe('ECONNRESET'));
  expect(caller.read().toString()).toBe('hello12345678');
  await eventually(() => expect(echo.sockets.size).toBe(0));
});

test.each([{ kind: 'status', status: 503 } as const, { kind: 'slow-body', perSecond: '1Ki' } as const])(
  'a fault of HTTP is refused, and the one that holds stays: $kind',
  async (fault) => {
    await proxy.set({ kind: 'reset' });
    expect(() => proxy.set(fault)).toThrow("needs a proxy of the protocol 'http'");
    expect(proxy.fault()).toEqual({ kind: 'reset' });
  },
);

test('closing resets what is under way and leaves no timer', async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
  const caller = await talking();
  const before = timers();
  await proxy.set({ kind: 'latency', latency: '1h' });
  caller.socket.write('never to come');
  await eventually(() => expect(timers()).toBe(before + 1));
  await proxy.close();
  await eventually(() => expect(caller.ending()).toBe('ECONNRESET'));
  await eventually(() => expect(timers()).toBe(before));
});
