import { afterEach, describe, expect, test } from '@jest/globals';
import { startCollector } from '../../support/collector.ts';
import { eventually } from '../../support/eventually.ts';
import { ask } from '../../support/gateway.ts';
import { NOWHERE, startProgram, timed } from '../../support/program.ts';

/** Every trace is kept, more of them than the queue has room for. */
const values = [
  'telemetry.traces.sample=100%',
  'telemetry.traces.kept=100000/s',
  'telemetry.logs.linesPerSecond=0',
  'limits.address=1000000/s',
  'limits.global.bucket.capacity=1000000',
];
/** Far above what a request takes here, far below any patience with a collector. */
const PATIENCE_MS = 3_000;

describe('a collector', () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function flooded(endpoint: string, requests: number) {
    const gateway = await startProgram({ values, variables: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } });
    let running = true;
    cleanups.push(() => running && gateway.stop());
    const flood = async (): Promise<void> => {
      for (let sent = 0; sent < requests; sent += 50) {
        const answers = await Promise.all(
          // A route that is limited has a step beside the request's own.
          Array.from({ length: 50 }, () => timed(() => ask(gateway.port, 'GET', '/none'))),
        );
        for (const { status, ms } of answers) {
          expect(status).toBe(404);
          expect(ms).toBeLessThan(PATIENCE_MS);
        }
      }
    };
    await flood();
    return {
      gateway,
      flood,
      count: (outcome: string) => gateway.metric('gateway_trace_spans_total', `export="${outcome}"`),
      async stop() {
        running = false;
        const { ms } = await timed(async () => {
          await gateway.stop();
          return {};
        });
        return ms;
      },
    };
  }

  test('that accepts and never answers costs what waits for it, counted, and delays nothing', async () => {
    const collector = await startCollector('silent');
    cleanups.push(() => collector.close());
    const { gateway, flood, count, stop } = await flooded(collector.endpoint, 2_500);
    await eventually(async () => expect(await count('dropped')).toBeGreaterThan(0));
    expect(collector.exports.length).toBeGreaterThan(0);

    const before = gateway.memory();
    await flood();
    expect(gateway.memory() - before).toBeLessThan(64);
    await eventually(async () => expect(await count('failed')).toBeGreaterThan(0), 15_000);
    // Beyond ten seconds it would have been killed.
    expect(await stop()).toBeLessThan(8_000);
  }, 90_000);

  test.each<[what: string, endpoint: () => Promise<string>]>([
    ['is not there', () => Promise.resolve(`http://${NOWHERE}`)],
    [
      'answers 500',
      async () => {
        const collector = await startCollector('refuses');
        cleanups.push(() => collector.close());
        return collector.endpoint;
      },
    ],
  ])(
    'that %s costs the spans that it did not take, counted',
    async (_what, endpoint) => {
      const { count, stop } = await flooded(await endpoint(), 200);
      await eventually(async () => expect(await count('failed')).toBeGreaterThan(0), 20_000);
      expect(await count('exported')).toBe(0);
      expect(await stop()).toBeLessThan(8_000);
    },
    60_000,
  );
});
