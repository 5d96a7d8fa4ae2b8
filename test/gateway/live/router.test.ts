import type { Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import { createLiveRouter } from '../../../service/gateway/live/index.ts';
import { ask } from '../../support/gateway.ts';
import { liveGateway, START } from './live-gateway.ts';

let server: Server;
let port = 0;
const gateway = liveGateway();

beforeAll(async () => {
  gateway.pass(180);
  const app = express().use(createLiveRouter(gateway.live));
  await new Promise<void>((resolve) => {
    server = app.listen(0, '127.0.0.1', () => resolve());
  });
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

test.each(['/', '/live.json', '/live/main.js', '/live/uPlot.iife.min.js', '/live/style.css'])(
  '%s says what a browser may do with it',
  async (path) => {
    const { status, headers } = await ask(port, 'GET', path);
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toMatch(/^default-src 'self';/);
    expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:|\*/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
  },
);

test('data are never kept, files are kept as long as they are the same', async () => {
  expect((await ask(port, 'GET', '/live.json')).headers['cache-control']).toBe('no-store');
  const { headers } = await ask(port, 'GET', '/live/main.js');
  expect(headers['cache-control']).toBe('no-cache');
  const again = await ask(port, 'GET', '/live/main.js', { 'if-none-match': String(headers.etag) });
  expect([again.status, again.text]).toEqual([304, '']);
});

test('a time that is none is refused with what would be right', async () => {
  for (const since of ['yesterday', '-1', '1e99', '']) {
    const { status, text } = await ask(port, 'GET', `/live.json?since=${since}`);
    expect([since, status]).toEqual([since, 400]);
    expect(JSON.parse(text)).toMatchObject({
      code: 'invalid-query',
      detail: expect.stringContaining('since=1760000000'),
    });
  }
});

test('an answer since the last point is small', async () => {
  const all = await ask(port, 'GET', '/live.json');
  const news = await ask(port, 'GET', `/live.json?since=${START + 178 * 5}`);
  expect((JSON.parse(news.text) as { times: number[] }).times).toEqual([START + 179 * 5]);
  expect(news.text.length).toBeLessThan(all.text.length / 10);
  const zipped = await ask(port, 'GET', '/live.json', { 'accept-encoding': 'gzip' });
  expect(zipped.headers['content-encoding']).toBe('gzip');
});

test('what lies beside the page is not served', async () => {
  for (const path of ['/live/../live.ts', '/live/%2e%2e/live.ts', '/live/package.json', '/live/'])
    expect([path, (await ask(port, 'GET', path)).status]).toEqual([path, 404]);
});

test('who does not read costs no more than the answers that may be under way', async () => {
  const silent = await Promise.all(
    Array.from(
      { length: 20 },
      () =>
        new Promise<ReturnType<typeof connect>>((resolve) => {
          // Many requests on a connection that is never read: what is answered stays with the gateway.
          const socket = connect(port, '127.0.0.1', () => {
            socket.pause();
            socket.write('GET /live.json HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(50), () => resolve(socket));
          });
        }),
    ),
  );
  const before = process.memoryUsage.rss();
  for (let poll = 0; poll < 500; poll++) await ask(port, 'GET', `/live.json?since=${START + 890}`);
  expect(process.memoryUsage.rss() - before).toBeLessThan(64 << 20);
  for (const socket of silent) socket.destroy();
  expect((await ask(port, 'GET', '/live.json')).status).toBe(200);
});
