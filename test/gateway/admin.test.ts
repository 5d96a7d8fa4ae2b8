import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Administration } from '../../service/gateway/admin.ts';
import { createOpsServer } from '../../service/gateway/ops.ts';

const done: unknown[] = [];
const administration: Administration = {
  breakers: () => [{ name: 'redis', state: 'open' }],
  setBreaker: (name, state) => (done.push([name, state]), name === 'redis'),
  limits: () => [{ name: 'address' }],
  invalidate: (what) => done.push(what),
  setLogLevel: (level) => done.push(level),
};

function serve(token: string | undefined) {
  const server = createOpsServer({
    metrics: { read: () => Promise.resolve('') },
    whyNotReady: () => undefined,
    dependencies: () => Promise.resolve({}),
    admin: { token, administration },
  });
  return new Promise<{ ask: typeof ask; close: () => void }>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ ask, close: () => server.close() }));
  });
  async function ask(method: string, path: string, body?: string, shown = token) {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/admin${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(shown === undefined ? {} : { authorization: `Bearer ${shown}` }),
      },
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, body: (await response.json()) as { code?: string; detail?: string } };
  }
}

let ops: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  ops = await serve('secret');
});
afterAll(() => ops.close());
beforeEach(() => void done.splice(0));

describe('the routes for people who run the gateway', () => {
  test('are off without a token, and say how to switch them on', async () => {
    const off = await serve(undefined);
    const { status, body } = await off.ask('GET', '/breakers', undefined, 'anything');
    expect(status).toBe(404);
    expect(body.detail).toContain('OPS_TOKEN');
    off.close();
  });

  test.each([
    ['no token', undefined, 'authentication-required'],
    ['another token', 'secre', 'authentication-failed'],
  ])('refuse %s', async (_name, shown, code) => {
    const { status, body } = await ops.ask('POST', '/cache/invalidations', '{"all":true}', shown ?? '');
    expect([status, body.code]).toEqual([401, code]);
    expect(done).toEqual([]);
  });

  test('tell breakers and limits', async () => {
    expect((await ops.ask('GET', '/breakers')).body).toEqual([{ name: 'redis', state: 'open' }]);
    expect((await ops.ask('GET', '/limits')).body).toEqual([{ name: 'address' }]);
  });

  test.each([
    ['PUT', '/breakers/redis', '{"state":"closed"}', ['redis', 'closed']],
    ['POST', '/cache/invalidations', '{"tag":"search"}', { tag: 'search' }],
    ['POST', '/cache/invalidations', '{"prefix":"/v1"}', { prefix: '/v1' }],
    ['POST', '/cache/invalidations', '{"all":true}', { all: true }],
    ['PUT', '/log-level', '{"level":"debug"}', 'debug'],
  ])('take %s %s %s', async (method, path, body, action) => {
    expect((await ops.ask(method, path, body)).status).toBeLessThan(300);
    expect(done).toEqual([action]);
  });

  test.each([
    ['PUT', '/breakers/other', '{"state":"closed"}', 404],
    ['PUT', '/breakers/redis', '{"state":"ajar"}', 422],
    ['POST', '/cache/invalidations', '{}', 422],
    ['POST', '/cache/invalidations', '{"tag":"a","all":true}', 422],
    ['POST', '/cache/invalidations', '{"tag":7}', 422],
    ['POST', '/cache/invalidations', '[]', 422],
    ['POST', '/cache/invalidations', '{', 400],
    ['PUT', '/log-level', '{"level":"loud"}', 422],
  ])('refuse %s %s %s', async (method, path, body, status) => {
    expect((await ops.ask(method, path, body)).status).toBe(status);
  });
});
