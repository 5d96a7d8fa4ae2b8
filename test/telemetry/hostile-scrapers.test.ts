import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { ask } from '../support/gateway.ts';
import { startProgram, timed, type GatewayProgram } from '../support/program.ts';

const GET = 'GET /metrics HTTP/1.1\r\nHost: a\r\n';
/** What a flood may leave to the collector: node:http makes objects of all that one read brings, ours or not. */
const GROWTH_MIB = 300;
const FLOODS = 5;
/** The longest that a request of a client may take meanwhile, on a busy machine. */
const BOUND_MS = 2_000;

let gateway: GatewayProgram;
let sockets: Socket[] = [];
beforeAll(async () => {
  gateway = await startProgram({ variables: { WORKERS: '1' } });
}, 30_000);
afterAll(() => gateway.stop());
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
});

/** Scrapers that ask again and again and read nothing. */
function scrapers(count: number, text: string): void {
  for (let index = 0; index < count; index++) {
    const socket = connect(gateway.opsPort, '127.0.0.1').on('error', () => undefined);
    socket.write(text);
    sockets.push(socket.pause());
  }
}

const scrape = (headers: Record<string, string> = {}) => ask(gateway.opsPort, 'GET', '/metrics', headers);

test.each<[title: string, count: number, text: string]>([
  ['ask a thousand times at once', 20, `${GET}\r\n`.repeat(1_000)],
  [
    'ask for everything that there is',
    20,
    `${GET}Accept: ${'application/openmetrics-text;q=0.1,'.repeat(300)}\r\n\r\n`,
  ],
  ['never end their request', 50, GET],
])('scrapers that %s and read nothing neither slow nor grow the gateway', async (_, count, text) => {
  await scrape();
  const before = gateway.memory();
  for (let flood = 0; flood < FLOODS; flood++) {
    scrapers(count, text);
    const { status, ms } = await timed(() => ask(gateway.port, 'GET', '/health'));
    expect(status).toBe(200);
    expect(ms).toBeLessThan(BOUND_MS);
    expect((await ask(gateway.opsPort, 'GET', '/livez')).status).toBe(200);
    expect([200, 503]).toContain((await scrape()).status);
  }
  expect(gateway.memory() - before).toBeLessThan(GROWTH_MIB);
  for (const socket of sockets) socket.destroy();
  await eventually(async () => expect((await scrape()).status).toBe(200));
});

test('ten scrapers at once are all given a whole page', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      scrape(index % 2 === 0 ? {} : { accept: 'application/openmetrics-text;version=1.0.0' }),
    ),
  );
  for (const [index, { status, text }] of answers.entries()) {
    expect(status).toBe(200);
    expect(text).toContain('gateway_workers');
    expect(text.endsWith('# EOF\n')).toBe(index % 2 === 1);
  }
});
