import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { definition, withValues } from '../../service/definition/index.ts';
import { Problem } from '../../service/gateway/problem.ts';
import { json } from '../../service/gateway/reply.ts';
import { eventually } from '../support/eventually.ts';
import { ask, startGateway, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway | undefined;
const start = async (...options: Parameters<typeof startGateway>) => (gateway = await startGateway(...options));
afterEach(() => gateway?.close());

const JSON_TYPE = { 'content-type': 'application/json' };
const SESSION = { authorization: 'Bearer good' };
const problem = (text: string) =>
  JSON.parse(text) as { code: string; status: number; errors?: { field: string; message: string }[] };

describe('a search', () => {
  test('is a MISS, then a HIT with its age, whatever the order of its parameters', async () => {
    let calls = 0;
    const { port } = await start({
      search: () => (calls++, { status: 200, headers: ['content-type', 'application/json'], body: Buffer.from('{}') }),
    });
    const first = await ask(port, 'GET', '/v1/search?q=a&limit=5');
    expect(first.headers).toMatchObject({ 'x-cache': 'MISS', 'cache-status': 'sluice; fwd=miss; stored' });
    const second = await ask(port, 'GET', '/v1/search?limit=5&q=a');
    expect(second.headers).toMatchObject({ 'x-cache': 'HIT', age: '0', 'content-type': 'application/json' });
    expect(second.text).toBe('{}');
    expect(calls).toBe(1);
  });

  test('that fails is not kept', async () => {
    let calls = 0;
    const { port } = await start({ search: () => (calls++, json(502, {})) });
    await ask(port, 'GET', '/v1/search?q=a');
    expect((await ask(port, 'GET', '/v1/search?q=a')).headers['x-cache']).toBe('MISS');
    expect(calls).toBe(2);
  });

  test('of many at the same time is made once', async () => {
    let calls = 0;
    const slow = async () => (calls++, await wait(50), { status: 200, headers: [], body: Buffer.from('x') });
    const { port } = await start({ search: slow });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(port, 'GET', '/v1/search?q=a')));
    expect(calls).toBe(1);
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['x']));
  });

  test('past its limit is denied with the time to wait', async () => {
    const { port } = await start({}, { service: withValues(definition.dev, ['routes.search.limit=2/min']) });
    await ask(port, 'GET', '/v1/search?q=a');
    const second = await ask(port, 'GET', '/v1/search?q=a');
    expect(second.headers['ratelimit-policy']).toBe('"address";q=100;w=60, "search";q=2;w=60');
    expect(second.headers.ratelimit).toMatch(/^"address";r=98;t=60, "search";r=0;t=60$/);
    const third = await ask(port, 'GET', '/v1/search?q=a');
    expect(third.status).toBe(429);
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(50);
    expect(problem(third.text).code).toBe('limit-exceeded');
  });
});

describe('bad input', () => {
  const cases: [
    name: string,
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string | undefined,
    status: number,
    code: string,
  ][] = [
    ['an unknown route', 'GET', '/nope', {}, undefined, 404, 'route-not-found'],
    ['a wrong method', 'POST', '/v1/search', {}, undefined, 405, 'method-not-allowed'],
    ['no key where one is due', 'GET', '/orders/1', {}, undefined, 401, 'authentication-required'],
    ['a wrong key', 'GET', '/orders/1', { authorization: 'Bearer slu_x' }, undefined, 401, 'authentication-failed'],
    [
      'a wrong session',
      'GET',
      '/v1/search?q=a',
      { authorization: 'Bearer x' },
      undefined,
      401,
      'authentication-failed',
    ],
    ['another scheme', 'GET', '/v1/search?q=a', { authorization: 'Basic x' }, undefined, 401, 'authentication-failed'],
    ['malformed JSON', 'POST', '/login', JSON_TYPE, '{', 400, 'malformed-json'],
    ['no JSON type', 'POST', '/login', {}, '{}', 415, 'unsupported-media-type'],
    ['a body that does not fit', 'POST', '/login', JSON_TYPE, '{"username":1}', 422, 'invalid-body'],
    ['a body over the limit', 'POST', '/login', JSON_TYPE, `"${'x'.repeat(2 ** 20)}"`, 413, 'body-too-large'],
    ['a missing parameter', 'GET', '/v1/search', {}, undefined, 400, 'invalid-query'],
    ['a parameter given twice', 'GET', '/v1/search?q=a&q=b', {}, undefined, 400, 'invalid-query'],
    ['an unknown parameter', 'GET', '/v1/search?q=a&x=b', {}, undefined, 400, 'invalid-query'],
    ['a broken escape in the path', 'GET', '/orders/%ZZ', SESSION, undefined, 400, 'malformed-request'],
    ['a target that is no path', 'OPTIONS', '*', {}, undefined, 400, 'malformed-request'],
  ];
  test.each(cases)('%s', async (_name, method, path, headers, body, status, code) => {
    const { port } = await start();
    const answer = await ask(port, method, path, headers, body);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(problem(answer.text)).toMatchObject({ code, status });
    expect(answer.text).not.toMatch(/ at .*\.ts/);
  });

  test('names each field that is wrong', async () => {
    const { port } = await start();
    const { text } = await ask(port, 'POST', '/login', JSON_TYPE, '{"username":1,"extra":2}');
    expect(problem(text).errors).toEqual(
      expect.arrayContaining([
        { field: '/', message: "must have required property 'password'" },
        { field: '/', message: "must NOT have additional properties: 'extra'" },
        { field: '/username', message: 'must be string' },
      ]),
    );
  });

  test('says which methods a path takes', async () => {
    const { port } = await start();
    expect((await ask(port, 'POST', '/session')).headers.allow).toBe('GET, PATCH, DELETE');
  });

  test.each([
    ['no HTTP at all', 'nonsense\r\n\r\n', '400'],
    ['headers over the limit', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, '431'],
    [
      'a length and a transfer coding',
      'POST /login HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      '400',
    ],
  ])('%s is refused and the connection closed', async (_name, bytes, status) => {
    const { port } = await start();
    const text = await new Promise<string>((resolve, reject) => {
      let received = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
      socket.on('end', () => resolve(received));
      socket.on('error', reject);
    });
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(text).toContain('application/problem+json');
  });

  test('guessing keys uses up the allowance of the address', async () => {
    const { port } = await start({}, { service: withValues(definition.dev, ['limits.address=3/min']) });
    const statuses = [];
    for (let guess = 0; guess < 4; guess++)
      statuses.push((await ask(port, 'GET', '/orders/1', { 'x-api-key': `slu_${guess}` })).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
  });
});

describe('an answer', () => {
  test('carries the id of its request, or one of its own', async () => {
    const { port } = await start();
    expect((await ask(port, 'GET', '/health', { 'x-request-id': 'abc-1' })).headers['x-request-id']).toBe('abc-1');
    expect((await ask(port, 'GET', '/health', { 'x-request-id': 'bad id\t' })).headers['x-request-id']).toBe('id-0');
  });

  test('of a handler that throws is a 500 that tells nothing of the cause', async () => {
    const { port, outcomes } = await start({
      health: () => {
        throw new Error('secret detail');
      },
    });
    const answer = await ask(port, 'GET', '/health');
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('secret');
    expect(outcomes[0]?.error).toMatchObject({ message: 'secret detail' });
  });

  test('that takes longer than its route may is a 504', async () => {
    const service = withValues(definition.dev, ['routes.health.timeout=50ms']);
    const { port } = await start(
      {
        health: ({ signal }) =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
      },
      { service },
    );
    expect((await ask(port, 'GET', '/health')).status).toBe(504);
  });

  test('is given up when the client leaves', async () => {
    let reason: unknown;
    let asked = false;
    const { port, outcomes } = await start({
      health: ({ signal }) => {
        asked = true;
        return new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject((reason = signal.reason) as Error)),
        );
      },
    });
    const socket = connect(port, '127.0.0.1', () => socket.write('GET /health HTTP/1.1\r\nhost: x\r\n\r\n'));
    await eventually(() => expect(asked).toBe(true));
    socket.destroy();
    await eventually(() => expect(reason).toMatchObject({ name: 'AbortError' }));
    await eventually(() => expect(outcomes[0]?.status).toBe(499));
  });

  test('that streams is passed on as it comes', async () => {
    async function* parts() {
      yield 'a';
      await wait(10);
      yield 'b';
    }
    const { port } = await start({
      health: () => ({ status: 200, headers: ['content-type', 'text/event-stream'], body: Readable.from(parts()) }),
    });
    const answer = await ask(port, 'GET', '/health');
    expect(answer.headers['transfer-encoding']).toBe('chunked');
    expect(answer.text).toBe('ab');
  });

  test('that breaks off in the middle of a stream cuts the connection', async () => {
    async function* parts() {
      yield 'a';
      await wait(10);
      throw new Error('broke');
    }
    const { port } = await start({ health: () => ({ status: 200, headers: [], body: Readable.from(parts()) }) });
    await expect(ask(port, 'GET', '/health')).rejects.toThrow();
  });

  test('to a HEAD is that to the GET, without its body', async () => {
    const { port } = await start();
    const answer = await ask(port, 'HEAD', '/health');
    expect(answer).toMatchObject({ status: 200, text: '' });
    expect(answer.headers['content-length']).toBe('6');
  });

  test('while stopping asks the client to connect anew', async () => {
    const { port } = await start({}, { isDraining: () => true });
    expect((await ask(port, 'GET', '/health')).headers.connection).toBe('close');
  });

  test('of a Problem has its status, code and headers', async () => {
    const { port } = await start({
      health: () => {
        throw new Problem('store-unavailable', { detail: 'gone', headers: ['retry-after', '3'] });
      },
    });
    const answer = await ask(port, 'GET', '/health');
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '3' } });
    expect(problem(answer.text)).toMatchObject({ code: 'store-unavailable', detail: 'gone', retry: true });
  });
});
