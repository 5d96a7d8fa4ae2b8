import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { definition, withValues } from '../../service/definition/index.ts';
import { startProxyGateway, type TestGateway } from '../support/gateway.ts';
import { eventually } from '../support/eventually.ts';
import { sendRaw } from '../support/raw.ts';
import { BROKEN_BODIES, FRAMING_CASES } from './http-framing-cases.ts';

/** A gateway, by either listener, in front of an origin that counts what reaches it whole. */
let gateway: TestGateway;
let origin: Server;
let originUrl = '';
const reached: string[] = [];

beforeAll(async () => {
  origin = createServer((request, response) => {
    request.resume().on('end', () => {
      reached.push(`${request.method} ${request.url} ${String(request.headers['x-forwarded-for'])}`);
      response.end('ok');
    });
  });
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  originUrl = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
});
afterAll(() => {
  origin.closeAllConnections();
  origin.close();
});

const LISTENERS = ['http', 'fast'] as const;
const start = (listener: (typeof LISTENERS)[number], ...values: readonly string[]) =>
  startProxyGateway(originUrl, withValues(definition.dev, [`gateway.listener=${listener}`, ...values]));

describe.each(LISTENERS)('framing, by the listener %s', (listener) => {
  beforeAll(async () => {
    gateway = await start(listener);
  });
  afterAll(() => gateway.close());

  test.each(FRAMING_CASES)('$title', async ({ bytes, statuses, closed, forwarded }) => {
    reached.length = 0;
    const answer = await sendRaw(gateway.port, bytes, statuses.length);
    expect(answer.statuses).toEqual(statuses);
    if (closed) expect(answer.closed).toBe(true);
    expect(reached).toHaveLength(forwarded);
    if (statuses.some((status) => status >= 400)) expect(answer.text).toContain('application/problem+json');
  });

  test.each(BROKEN_BODIES)('$title is no request', async ({ bytes }) => {
    reached.length = 0;
    const answer = await sendRaw(gateway.port, bytes);
    expect(answer.closed).toBe(true);
    expect(answer.statuses.every((status) => status >= 400)).toBe(true);
    expect(reached).toEqual([]);
  });

  test('what follows a request in doubt is not read as another', async () => {
    reached.length = 0;
    const smuggled = 'GET /smuggled HTTP/1.1\r\nhost: a.test\r\n\r\n';
    const doubtful = `POST /anything HTTP/1.1\r\nhost: a.test\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`;
    const answer = await sendRaw(gateway.port, doubtful);
    expect(answer.statuses).toEqual([400]);
    expect(reached).toEqual([]);
  });

  test('an address that a stranger claims is not passed on', async () => {
    reached.length = 0;
    await sendRaw(gateway.port, 'GET /x HTTP/1.1\r\nhost: a.test\r\nx-forwarded-for: 8.8.8.8\r\n\r\n', 1);
    expect(reached).toEqual(['GET /x 127.0.0.1']);
  });
});

describe.each(LISTENERS)('slow clients, by the listener %s', (listener) => {
  afterEach(() => gateway.close());

  test('a request that never ends its headers is answered 408 and closed', async () => {
    gateway = await start(listener, 'gateway.requestTimeout=1s', 'routes.health.timeout=500ms');
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(gateway.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: a'));
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('two thousand idle connections take nothing from the others', async () => {
    gateway = await start(listener);
    const sockets = Array.from({ length: 2_000 }, () => connect(gateway.port, '127.0.0.1'));
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    const answer = await sendRaw(gateway.port, 'GET /x HTTP/1.1\r\nhost: a.test\r\n\r\n', 1);
    expect(answer.statuses).toEqual([200]);
    for (const socket of sockets) socket.destroy();
    await eventually(async () => {
      const { statuses } = await sendRaw(gateway.port, 'GET /y HTTP/1.1\r\nhost: a.test\r\n\r\n', 1);
      expect(statuses).toEqual([200]);
    });
  });
});
