import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { acceptedFormat } from '../../service/gateway/accepted-format.ts';
import { createMetricsPage } from '../../service/gateway/metrics-page.ts';
import { createMetricSums } from '../../service/gateway/processes/metric-sums.ts';
import { METRICS } from '../../service/telemetry/catalogue.ts';
import { Cells, layOutCells } from '../../service/telemetry/cells.ts';
import { createExposition } from '../../service/telemetry/exposition.ts';
import { eventually } from '../support/eventually.ts';
import { prometheusMissing, startPrometheus, type TestPrometheus } from '../support/prometheus.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const missing = prometheusMissing();
if (missing !== undefined) console.warn(`skipped: a real Prometheus: ${missing}`);

type Vector = { readonly result: readonly { readonly metric: object; readonly value: readonly [number, string] }[] };
type Exemplars = readonly { readonly exemplars: readonly { readonly labels: object; readonly value: string }[] }[];
type Targets = { readonly activeTargets: readonly { readonly health: string; readonly lastError: string }[] };

(missing === undefined ? describe : describe.skip)('a real Prometheus', () => {
  const layout = layOutCells({
    routes: [{ id: 'search', method: 'GET', lane: 'critical' }],
    lanes: ['critical', 'background'],
    limits: ['address'],
    breakers: ['redis'],
    models: ['small'],
  });
  const cells = new Cells(layout);
  const sums = createMetricSums(layout);
  const formats: string[] = [];
  let server: Server;
  let prometheus: TestPrometheus;

  beforeAll(async () => {
    const page = createMetricsPage({
      exposition: createExposition({
        layout,
        cells: () => {
          sums.update(1, cells.values, cells.exemplars.take());
          return sums.read();
        },
        exemplars: sums.exemplars,
      }),
    });
    server = createServer((request, response) => {
      formats.push(acceptedFormat(request.headers.accept));
      void page(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cells.observeRequest(cells.requireRoute('search'), 200, 0.25, TRACE);
    cells.observeRequest(cells.requireRoute('search'), 200, 0.01);
    const { port } = server.address() as AddressInfo;
    prometheus = await startPrometheus(
      {
        global: { scrape_interval: '200ms', scrape_timeout: '200ms' },
        scrape_configs: [{ job_name: 'gateway', static_configs: [{ targets: [`127.0.0.1:${port}`] }] }],
      },
      { flags: ['--enable-feature=exemplar-storage'] },
    );
  }, 60_000);
  afterAll(async () => {
    await prometheus.stop();
    server.closeAllConnections();
    server.close();
  });

  test('asks for OpenMetrics, reads it whole, and finds nothing wrong', async () => {
    await eventually(async () => {
      const { activeTargets } = await prometheus.ask<Targets>('/api/v1/targets');
      expect(activeTargets).toEqual([expect.objectContaining({ health: 'up', lastError: '' })]);
    });
    expect(new Set(formats)).toEqual(new Set(['openmetrics']));
  });

  test('knows every metric by the name and the edges of the catalogue', async () => {
    const count = async (query: string) => {
      const { result } = await prometheus.ask<Vector>(`/api/v1/query?query=${encodeURIComponent(query)}`);
      return Number(result[0]?.value[1] ?? 0);
    };
    const told = new Set(layout.series.map(({ metric }) => metric));
    await eventually(async () => expect(await count(`sum(http_server_request_duration_seconds_count)`)).toBe(2));
    for (const { name, type, buckets = [] } of told) {
      const series = type === 'histogram' ? `${name}_count` : name;
      expect([name, await count(`count(${series}) > 0`)]).not.toEqual([name, 0]);
      for (const edge of buckets)
        expect([name, edge, await count(`count(${name}_bucket{le="${edge}"})`)]).not.toContain(0);
    }
  });

  test('keeps the trace that a bucket names', async () => {
    const query = `${METRICS.requestDuration.name}_bucket`;
    const now = Date.now() / 1000;
    await eventually(async () => {
      const kept = await prometheus.ask<Exemplars>(
        `/api/v1/query_exemplars?query=${query}&start=${now - 600}&end=${now + 600}`,
      );
      expect(kept.flatMap(({ exemplars }) => exemplars)).toContainEqual(
        expect.objectContaining({ labels: { trace_id: TRACE }, value: '0.25' }),
      );
    });
  });
});
