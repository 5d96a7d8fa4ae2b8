import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, test } from '@jest/globals';
import { createMetricsPage, type MetricsPageOptions } from '../../service/gateway/metrics-page.ts';
import type { Exposition } from '../../service/telemetry/exposition.ts';
import { eventually } from '../support/eventually.ts';

const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';

let server: Server | undefined;
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server?.closeAllConnections();
  server?.close();
});

/** A page whose text is written when the test says so. */
async function startPage(text: string, options: Partial<MetricsPageOptions> = {}) {
  let asked = 0;
  let written = 0;
  let waiting: (() => void)[] = [];
  let isHeld = false;
  const exposition: Exposition = {
    async read(format = 'text') {
      written++;
      if (isHeld) await new Promise<void>((resolve) => waiting.push(resolve));
      return `${format}\n${text}`;
    },
  };
  const page = createMetricsPage({ exposition, ...options });
  server = createServer((request, response) => {
    if (request.url !== '/metrics') return;
    asked++;
    void page(request, response);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/metrics`,
    asked: () => asked,
    written: () => written,
    hold: () => void (isHeld = true),
    waiting: () => waiting.length,
    release() {
      isHeld = false;
      waiting.splice(0).forEach((go) => go());
      waiting = [];
    },
  };
}

/** A scraper that asks and never reads. */
function neverReads(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.write(requestFor('/metrics'));
  return socket.pause();
}

function requestFor(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
}

test('is plain text, or OpenMetrics for who asks, and zipped for who takes it', async () => {
  const { url, port } = await startPage('up 1\n');
  const plain = await fetch(url, { headers: { 'accept-encoding': 'identity' } });
  expect(plain.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await plain.text()).toBe('text\nup 1\n');
  const open = await fetch(url, { headers: { accept: OPENMETRICS, 'accept-encoding': 'identity' } });
  expect(open.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
  expect(await open.text()).toBe('openmetrics\nup 1\n');
  const bytes = await new Promise<Buffer>((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1').on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('close', () => resolve(Buffer.concat(chunks)));
    socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n');
  });
  const end = bytes.indexOf('\r\n\r\n');
  expect(bytes.toString('latin1', 0, end)).toMatch(/content-encoding: gzip/i);
  expect(gunzipSync(bytes.subarray(end + 4)).toString()).toBe('text\nup 1\n');
});

test('is written once for all who come while it is written, and anew for who comes later', async () => {
  const { url, written, hold, release, waiting } = await startPage('up 1\n');
  hold();
  const together = Array.from({ length: 10 }, () => fetch(url).then((response) => response.text()));
  await eventually(() => expect(waiting()).toBe(1));
  await new Promise((resolve) => setTimeout(resolve, 50));
  release();
  expect(new Set(await Promise.all(together))).toEqual(new Set(['text\nup 1\n']));
  expect(written()).toBe(1);
  await (await fetch(url)).text();
  expect(written()).toBe(2);
});

test('given to scrapers that do not read is taken back, and in the meantime more are refused', async () => {
  // More than the buffers of two sockets hold.
  const { url, port, asked } = await startPage('x'.repeat(16 * 2 ** 20), { maxOpen: 4, patienceMs: 1_000 });
  const silent = Array.from({ length: 4 }, () => neverReads(port));
  const closed = silent.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  await eventually(() => expect(asked()).toBe(4));
  await eventually(async () => {
    const refused = await fetch(url, { headers: { 'accept-encoding': 'identity' } });
    await refused.arrayBuffer();
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
  });
  // What came before the connection was cut is read first.
  for (const socket of silent) socket.resume();
  await Promise.all(closed);
  await eventually(async () => {
    const response = await fetch(url, { headers: { 'accept-encoding': 'identity' } });
    expect(response.status).toBe(200);
    await response.arrayBuffer();
  });
});

test('asked for behind a request without an answer, on a connection that then ends, is taken back', async () => {
  const { url, port } = await startPage('up 1\n', { maxOpen: 4 });
  const statusNow = async (): Promise<number> => {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.status;
  };
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.write(['/unanswered', ...Array<string>(4).fill('/metrics')].map(requestFor).join(''));
  await eventually(async () => expect(await statusNow()).toBe(503));
  socket.destroy();
  await eventually(async () => expect(await statusNow()).toBe(200));
});

test('that waits behind a request without an answer is cut with its connection', async () => {
  const { port } = await startPage('up 1\n', { patienceMs: 50 });
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(requestFor('/unanswered') + requestFor('/metrics'));
  await closed;
});

test('that could not be written is a failure of its scrape alone', async () => {
  let fails = true;
  const exposition: Exposition = { read: () => (fails ? Promise.reject(new Error('no')) : Promise.resolve('ok')) };
  const page = createMetricsPage({ exposition, maxOpen: 1 });
  server = createServer((request, response) => {
    page(request, response).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (let count = 0; count < 3; count++) expect((await fetch(url)).status).toBe(500);
  fails = false;
  expect(await (await fetch(url)).text()).toBe('ok');
});
