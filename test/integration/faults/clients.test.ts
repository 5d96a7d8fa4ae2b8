import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startAnsweringUpstream, type AnsweringUpstream } from '../../support/answering-upstream.ts';
import { eventually } from '../../support/eventually.ts';
import { ask } from '../../support/gateway.ts';
import { startProgram, type GatewayProgram } from '../../support/program.ts';
import { sendRaw } from '../../support/raw.ts';

const HOST = 'host: a.test\r\n';
const JSON_HEAD = `POST /login HTTP/1.1\r\n${HOST}content-type: application/json\r\n`;
/** What a test may leave behind: caches and compiled code grow, a leak of connections or requests grows more. */
const KEPT_MIB = 90;
const REQUEST_TIMEOUT_MS = 3_000;
/** How often the listener looks for slow clients, twice, and a busy machine. */
const TIMEOUT_ROOM_MS = 6_000;

let upstream: AnsweringUpstream;
let gateway: GatewayProgram;
let baseMemory = 0;
let asked = 0;

beforeAll(async () => {
  upstream = await startAnsweringUpstream();
  gateway = await startProgram({
    values: [
      'limits.address=100000/s',
      'routes.search.limit=100000/s',
      'routes.login.limit=100000/s',
      'limits.global.bucket.capacity=1000000',
      `gateway.requestTimeout=${REQUEST_TIMEOUT_MS}ms`,
    ],
    variables: { UPSTREAM_ORIGIN: upstream.origin, WORKERS: '2' },
  });
  await Promise.all(Array.from({ length: 300 }, () => search()));
  baseMemory = gateway.memory();
});
afterAll(async () => {
  await gateway.stop();
  await upstream.close();
});

const search = () => ask(gateway.port, 'GET', `/v1/search?q=${asked++}`);

async function isWell(): Promise<void> {
  await eventually(async () => {
    expect((await search()).status).toBe(200);
    expect(await gateway.metric('http_server_active_requests')).toBe(0);
    expect(await gateway.metric('gateway_lane_in_flight')).toBe(0);
  });
  expect(await gateway.metric('gateway_worker_restarts_total')).toBe(0);
  expect(gateway.log()).not.toMatch(/unhandled|uncaught/i);
}

/** Sends a beginning and then a byte now and then, until the connection ends; answers all that came back. */
function dribble(head: string): Promise<{ readonly text: string; readonly ms: number }> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    let text = '';
    const socket = connect(gateway.port, '127.0.0.1', () => socket.write(head));
    const timer = setInterval(() => socket.writable && socket.write('a'), 200);
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(timer);
      resolve({ text, ms: performance.now() - startedAt });
    });
  });
}

describe('clients that leave', () => {
  test.each([
    ['before a byte', ''],
    ['in the request line', 'GET /v1/sea'],
    ['in the headers', `GET /v1/search?q=left HTTP/1.1\r\n${HOST}x-a: b`],
    ['in the body', `${JSON_HEAD}content-length: 50\r\n\r\n{"username":`],
    ['in a chunk', `${JSON_HEAD}transfer-encoding: chunked\r\n\r\n5\r\nab`],
    ['right after the request', `GET /v1/search?q=left HTTP/1.1\r\n${HOST}\r\n`],
    ['after the first of several requests', `GET /health HTTP/1.1\r\n${HOST}\r\nGET /v1/search?q=left HTTP/1.1\r\n`],
  ])('%s leave nothing behind', async (_when, bytes) => {
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => {
        const socket = connect(gateway.port, '127.0.0.1');
        socket.on('error', () => undefined);
        return new Promise<void>((resolve) => {
          socket.once('close', () => resolve());
          socket.once('connect', () => {
            socket.write(bytes, () => (index % 2 === 0 ? socket.destroy() : socket.resetAndDestroy()));
          });
        });
      }),
    );
    await isWell();
  });
});

describe('clients', () => {
  test('that pipeline two hundred requests are answered in order', async () => {
    const requests = Array.from(
      { length: 200 },
      (_, id) => `GET /health HTTP/1.1\r\n${HOST}x-request-id: p${id}\r\n\r\n`,
    );
    const { statuses, text } = await sendRaw(gateway.port, requests.join(''), 200);
    expect(statuses).toEqual(requests.map(() => 200));
    const ids = [...text.matchAll(/x-request-id: p(\d+)/g)].map(([, id]) => Number(id));
    expect(ids).toEqual(requests.map((_, id) => id));
  });

  test('that send slowly are answered 408 after their time, and hold up nobody until then', async () => {
    const slow = Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        dribble(
          index % 2 === 0
            ? `GET /v1/search?q=slow HTTP/1.1\r\n${HOST}x-slow: `
            : `${JSON_HEAD}content-length: 5000\r\n\r\n{"username":"`,
        ),
      ),
    );
    for (let request = 0; request < 20; request++) expect((await search()).status).toBe(200);
    const answers = await slow;
    expect(answers.map(({ text }) => text.slice(0, 12))).toEqual(answers.map(() => 'HTTP/1.1 408'));
    for (const { text, ms } of answers) {
      expect(text).toContain('request-timeout');
      expect(ms).toBeLessThan(REQUEST_TIMEOUT_MS + TIMEOUT_ROOM_MS);
    }
    await isWell();
  });

  test('that open two thousand connections and say nothing take nothing from others, nor memory for good', async () => {
    const sockets = Array.from({ length: 2_000 }, () => connect(gateway.port, '127.0.0.1'));
    for (const socket of sockets) socket.on('error', () => undefined);
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    for (let request = 0; request < 20; request++) expect((await search()).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    await isWell();
    await eventually(() => expect(gateway.memory()).toBeLessThan(baseMemory + KEPT_MIB), 30_000);
  });
});
