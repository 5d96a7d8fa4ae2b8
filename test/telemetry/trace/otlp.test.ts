import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { finishedSpans } from '../../../service/telemetry/trace/finished.ts';
import { createSpanExporter } from '../../../service/telemetry/trace/otlp.ts';
import { Trace } from '../../../service/telemetry/trace/trace.ts';
import { startCollector } from '../../support/collector.ts';

const TIMEOUT_MS = 200;
/** Far above what is promised, far below what an exporter waits that is told nothing. */
const SOON_MS = 3_000;

const spans = () =>
  finishedSpans(new Trace(performance.now()), {
    name: 'GET /v1/search',
    endedAt: performance.now(),
    failure: undefined,
    attributes: [],
  });

describe('an export', () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  const exporterTo = (url: string) => createSpanExporter({ url, headers: {}, resource: {} }, TIMEOUT_MS);

  /** A collector that does with each connection what a test says. */
  async function listening(onConnection: (socket: Socket) => void): Promise<string> {
    const sockets: Socket[] = [];
    const server: Server = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined));
      onConnection(socket.resume());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
  }

  test('says that the collector took the spans', async () => {
    const collector = await startCollector();
    cleanups.push(() => collector.close());
    // No deadline of this test's: whatever the machine needs.
    const exporter = createSpanExporter({ url: `${collector.endpoint}/v1/traces`, headers: {}, resource: {} });
    expect(await exporter.send(spans())).toBe(true);
    expect(collector.spans.map(({ name }) => name)).toEqual(['GET /v1/search']);
  });

  test.each<[what: string, onConnection: (socket: Socket) => void]>([
    ['says nothing', () => undefined],
    [
      'answers byte after byte',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n');
        const timer = setInterval(() => socket.write('x'), 50);
        socket.once('close', () => clearInterval(timer));
      },
    ],
  ])('to a collector that %s ends in its time, as one that was not taken', async (_what, onConnection) => {
    const exporter = exporterTo(await listening(onConnection));
    const startedAt = performance.now();
    expect(await exporter.send(spans())).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(SOON_MS);
  });
});
