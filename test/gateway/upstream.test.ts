import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { definition, withValues } from '../../service/definition/index.ts';
import { createListener } from '../../service/gateway/listener.ts';
import { createProxyPipeline } from '../../service/gateway/pipeline.ts';
import { createProxyHandler, createProxyRouter } from '../../service/gateway/proxy.ts';
import { createUpstreamClient, type UpstreamClient } from '../../service/gateway/upstream.ts';
import { findFreePort } from '../../service/store/free-port.ts';
import { ask } from '../support/gateway.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function clientOf(
  origin: RequestListener | string,
  settings: readonly string[] = [],
): Promise<{ client: UpstreamClient; outcomes: string[] }> {
  const outcomes: string[] = [];
  const client = createUpstreamClient({
    origin: typeof origin === 'string' ? origin : `http://127.0.0.1:${await listen(createServer(origin))}`,
    settings: withValues(definition.dev, ['upstream.backoff=10ms', ...settings]).upstream,
    onAttempt: (outcome) => outcomes.push(outcome),
  });
  closers.push(() => client.close());
  return { client, outcomes };
}

const get = { method: 'GET', path: '/', idempotent: true };

describe('an upstream request', () => {
  test('brings status, headers and body', async () => {
    const { client } = await clientOf((request, response) =>
      response.writeHead(201, { 'x-path': request.url }).end('body'),
    );
    const { status, headers, body } = await client.fetch({
      ...get,
      path: '/a?b=c',
      signal: new AbortController().signal,
    });
    expect([status, headers['x-path'], await text(body)]).toEqual([201, '/a?b=c', 'body']);
  });

  test('is tried again after a 5xx when it may be', async () => {
    let calls = 0;
    const { client, outcomes } = await clientOf((_request, response) =>
      response.writeHead(calls++ === 0 ? 503 : 200).end(),
    );
    expect((await client.fetch({ ...get, signal: new AbortController().signal })).status).toBe(200);
    expect(outcomes).toEqual(['error', 'ok']);
  });

  test('is tried once when it may not be sent twice', async () => {
    let calls = 0;
    const { client } = await clientOf((_request, response) => response.writeHead((calls++, 503)).end());
    const { status } = await client.fetch({
      method: 'POST',
      path: '/',
      body: 'x',
      idempotent: false,
      signal: new AbortController().signal,
    });
    expect([status, calls]).toEqual([503, 1]);
  });

  test('to an address where nothing listens fails with a problem', async () => {
    const { client, outcomes } = await clientOf(`http://127.0.0.1:${await findFreePort()}`);
    await expect(client.fetch({ ...get, signal: new AbortController().signal })).rejects.toMatchObject({
      code: 'upstream-failed',
    });
    expect(outcomes).toEqual(['error', 'error']);
  });

  test('that is not answered in time fails with a problem of its own', async () => {
    const { client, outcomes } = await clientOf(() => undefined, ['upstream.attemptTimeout=50ms']);
    await expect(client.fetch({ ...get, signal: new AbortController().signal })).rejects.toMatchObject({
      code: 'deadline-exceeded',
    });
    expect(outcomes).toEqual(['timeout', 'timeout']);
  });

  test('ends at once when it is given up, and is not tried again', async () => {
    const given = new AbortController();
    const { client, outcomes } = await clientOf(() => given.abort());
    await expect(client.fetch({ ...get, signal: given.signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(outcomes).toEqual(['aborted']);
  });
});

describe('a gateway in front of another origin', () => {
  async function startProxy(origin: RequestListener): Promise<number> {
    const { client } = await clientOf(origin);
    return listen(
      createListener({
        service: definition.dev,
        router: createProxyRouter(createProxyHandler(client), '5s'),
        answer: createProxyPipeline({ service: definition.dev, limitStore: undefined, onDecision: () => undefined }),
        nextId: () => 'id',
        onStart: () => undefined,
        onEnd: () => undefined,
        isDraining: () => false,
      }),
    );
  }

  test('passes method, path, headers and body on, and the answer back', async () => {
    const port = await startProxy((request, response) => {
      void text(request).then((body) => {
        response.writeHead(207, {
          'set-cookie': ['a=1', 'b=2'],
          connection: 'x-hop',
          'x-hop': 'secret',
          'x-kept': 'yes',
        });
        response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }));
      });
    });
    const answer = await ask(
      port,
      'PUT',
      '/a%20b?c=d',
      { host: 'shop.test', te: 'trailers', 'x-forwarded-for': '1.2.3.4', authorization: 'Bearer theirs' },
      'hello',
    );
    expect(answer.status).toBe(207);
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(answer.headers).toMatchObject({ 'x-kept': 'yes', 'x-cache': 'BYPASS' });
    expect(answer.headers['x-hop']).toBeUndefined();
    const seen = JSON.parse(answer.text) as {
      method: string;
      url: string;
      headers: Record<string, string>;
      body: string;
    };
    expect(seen).toMatchObject({ method: 'PUT', url: '/a%20b?c=d', body: 'hello' });
    expect(seen.headers).toMatchObject({
      host: 'shop.test',
      'x-forwarded-for': '127.0.0.1',
      authorization: 'Bearer theirs',
      'x-request-id': 'id',
    });
    expect(seen.headers.te).toBeUndefined();
  });

  test('answers 502 when the origin breaks off', async () => {
    const port = await startProxy((request) => request.socket.destroy());
    expect((await ask(port, 'GET', '/')).status).toBe(502);
  });
});
