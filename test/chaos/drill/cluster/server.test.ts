import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { createKeeperServer } from '../../../../chaos/drill/cluster/keeper/server.ts';

const KEY = 'k'.repeat(32);
let server: Server | undefined;
afterEach(() => void server?.close());

async function started({ isReady = true, stop = () => Promise.resolve() } = {}) {
  server = createKeeperServer({
    key: KEY,
    isReady: () => isReady,
    metrics: () => Promise.resolve('up 1\n'),
    stop,
    onError: () => undefined,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return async (path: string, method = 'GET', authorization?: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(authorization !== undefined && { headers: { authorization } }),
    });
    return { status: response.status, text: await response.text() };
  };
}

test('whoever has the key pulls the kill switch, and is told when every fault is taken back', async () => {
  const stopped: string[] = [];
  const ask = await started({
    stop: () => {
      stopped.push('stopped');
      return Promise.resolve();
    },
  });

  expect(await ask('/stop', 'POST', `Bearer ${KEY}`)).toMatchObject({ status: 200 });
  expect(stopped).toHaveLength(1);
});

test.each([undefined, 'Bearer ', `Bearer ${'x'.repeat(32)}`, KEY])('nobody else does: %s', async (authorization) => {
  const ask = await started({ stop: () => Promise.reject(new Error('was called')) });

  expect(await ask('/stop', 'POST', authorization)).toMatchObject({ status: 401 });
});

test('a fault that cannot be taken back in time is told', async () => {
  const ask = await started({ stop: () => Promise.reject(new Error('every fault is taken back: not within 120 s')) });

  expect(await ask('/stop', 'POST', `Bearer ${KEY}`)).toEqual({
    status: 503,
    text: 'every fault is taken back: not within 120 s\n',
  });
});

test('health and metrics ask for no key, and anything else is not there', async () => {
  const ask = await started({ isReady: false });

  expect(await ask('/livez')).toMatchObject({ status: 200 });
  expect(await ask('/readyz')).toMatchObject({ status: 503 });
  expect(await ask('/metrics')).toEqual({ status: 200, text: 'up 1\n' });
  expect(await ask('/stop')).toMatchObject({ status: 404 });
});
