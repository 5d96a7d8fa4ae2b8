import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { logIn } from '../../../../chaos/drill/cluster/runner/log-in.ts';

const USERS = ['one', 'two', 'three'].map((username) => ({ username, password: 'p' }));

let server: Server | undefined;
let now = 0;
const clock = {
  now: () => now,
  wait: (milliseconds: number) => {
    now += milliseconds;
    return Promise.resolve();
  },
};

/** A gateway that logs so many in, and then says how long to wait. */
async function gateway(answer: RequestListener): Promise<string> {
  server = createServer(answer);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  now = 0;
});

const refuse =
  (retryAfter: string): RequestListener =>
  (_request, response) =>
    void response.writeHead(429, { 'retry-after': retryAfter }).end('{"code":"limit-exceeded"}');

test('logs everybody in, and waits where it is told to', async () => {
  let asked = 0;
  const origin = await gateway((request, response) => {
    if (++asked === 3) {
      refuse('57')(request, response);
      return;
    }
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      const { username } = JSON.parse(text) as { username: string };
      response.end(JSON.stringify({ token: `token of ${username}` }));
    });
  });

  const tokens = await logIn(USERS, { origin, clock, signal: new AbortController().signal });

  expect(tokens).toEqual(['token of one', 'token of two', 'token of three']);
  expect(asked).toBe(4);
  expect(now).toBe(57_000);
});

test('gives up where that would take more than ten minutes', async () => {
  const origin = await gateway(refuse('61'));

  await expect(logIn(USERS, { origin, clock, signal: new AbortController().signal })).rejects.toThrow(
    /answered 429: .*limit-exceeded/,
  );
  expect(now).toBe(9 * 61_000);
});

test('does not ask again what is refused for good', async () => {
  const origin = await gateway((_request, response) => void response.writeHead(401).end('{"code":"login-failed"}'));

  await expect(logIn(USERS, { origin, clock, signal: new AbortController().signal })).rejects.toThrow('answered 401');
});

test('is broken off', async () => {
  const origin = await gateway(refuse('1'));
  const signal = AbortSignal.abort(new Error('the drill was told to end'));

  await expect(logIn(USERS, { origin, clock, signal })).rejects.toThrow('the drill was told to end');
});
