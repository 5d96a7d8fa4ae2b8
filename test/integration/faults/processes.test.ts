import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startAnsweringUpstream, type AnsweringUpstream } from '../../support/answering-upstream.ts';
import { eventually } from '../../support/eventually.ts';
import { ask } from '../../support/gateway.ts';
import { startProgram, type GatewayProgram } from '../../support/program.ts';
import { sendRaw } from '../../support/raw.ts';

const HOST = 'host: a.test\r\n';
/** What a test may leave behind: caches and compiled code grow, a leak of connections or requests grows more. */
const KEPT_MIB = 90;

let upstream: AnsweringUpstream;
let gateway: GatewayProgram;
let baseMemory = 0;
let asked = 0;

beforeAll(async () => {
  upstream = await startAnsweringUpstream();
  gateway = await startProgram({
    values: ['limits.address=100000/s', 'routes.search.limit=100000/s', 'limits.global.bucket.capacity=1000000'],
    variables: { UPSTREAM_ORIGIN: upstream.origin, WORKERS: '2' },
  });
  await Promise.all(Array.from({ length: 200 }, () => search()));
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
  });
  expect(gateway.log()).not.toMatch(/unhandled|uncaught/i);
}

describe('clients that leave', () => {
  const head = `POST /login HTTP/1.1\r\n${HOST}content-type: application/json\r\ncontent-length: 50\r\n\r\n`;
  test.each([
    ['before a byte', ''],
    ['in the request line', 'GET /v1/sea'],
    ['in the headers', `GET /v1/search?q=left HTTP/1.1\r\n${HOST}x-a: b`],
    ['in the body', `${head}{"username":`],
    ['right after the request', `GET /v1/search?q=left HTTP/1.1\r\n${HOST}\r\n`],
    [
      'in a chunk',
      `POST /login HTTP/1.1\r\n${HOST}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab`,
    ],
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
    expect(await gateway.metric('gateway_worker_restarts_total')).toBe(0);
  });

  test('two hundred pipelined requests are answered in order', async () => {
    const requests = Array.from(
      { length: 200 },
      (_, id) => `GET /health HTTP/1.1\r\n${HOST}x-request-id: p${id}\r\n\r\n`,
    );
    const { statuses, text } = await sendRaw(gateway.port, requests.join(''), 200);
    expect(statuses).toEqual(requests.map(() => 200));
    const ids = [...text.matchAll(/x-request-id: p(\d+)/g)].map(([, id]) => Number(id));
    expect(ids).toEqual(requests.map((_, id) => id));
  });

  test('two thousand idle connections take nothing from the others, and their memory comes back', async () => {
    const sockets = Array.from({ length: 2_000 }, () => connect(gateway.port, '127.0.0.1'));
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    expect((await search()).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    await isWell();
    await eventually(() => expect(gateway.memory()).toBeLessThan(baseMemory + KEPT_MIB), 30_000);
  });
});

describe('a worker killed under load', () => {
  test('is replaced; only what it was working on is lost, and nothing that a retry does not get', async () => {
    const [victim] = gateway.workers();
    let failed = 0;
    let lost = 0;
    let running = true;
    const load = Array.from({ length: 20 }, async () => {
      while (running) {
        const answer = await search().catch(() => undefined);
        if (answer?.status === 200) continue;
        failed++;
        // A client that tries once more reaches the other worker.
        const again = await eventually(search, 5_000).catch(() => undefined);
        if (again?.status !== 200) lost++;
      }
    });
    await eventually(async () => expect(await gateway.metric('http_server_active_requests')).toBeGreaterThan(0));
    process.kill(victim ?? 0, 'SIGKILL');
    await eventually(async () => expect(await gateway.metric('gateway_worker_restarts_total')).toBe(1));
    await eventually(async () => expect(await gateway.metric('gateway_workers')).toBe(2), 20_000);
    running = false;
    await Promise.all(load);
    expect(failed).toBeLessThanOrEqual(20);
    expect(lost).toBe(0);
    expect(gateway.workers()).not.toContain(victim);
    await isWell();
  });
});
