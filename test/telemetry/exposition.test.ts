import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { createMetricSums } from '../../service/gateway/processes/metric-sums.ts';
import { METRICS } from '../../service/telemetry/catalogue.ts';
import { Cells, layOutCells } from '../../service/telemetry/cells.ts';
import { createExposition } from '../../service/telemetry/exposition.ts';
import { testWith } from '../alerts/tools.ts';
import { identityOf, parsePage } from './page.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const OTHER = '00000000000000000000000000000001';

const layout = layOutCells({
  routes: [{ id: 'search', method: 'GET', lane: 'critical' }],
  lanes: ['critical', 'background'],
  limits: ['address'],
  breakers: ['redis'],
  models: ['small'],
});

/** The primary's sums of two processes. */
function twoProcesses() {
  const sums = createMetricSums(layout);
  const processes = [new Cells(layout), new Cells(layout)] as const;
  const report = (): void =>
    processes.forEach((cells, index) => sums.update(index + 1, cells.values, cells.exemplars.take()));
  const exposition = createExposition({ layout, cells: () => sums.read(), exemplars: sums.exemplars });
  return { processes, report, exposition, sums };
}

describe('OpenMetrics', () => {
  test('has the same series as plain text, and says where it ends', async () => {
    const exposition = createExposition({ layout, cells: () => new Cells(layout).values });
    const text = await exposition.read();
    const open = await exposition.read('openmetrics');
    expect(open.split('\n').slice(-2)).toEqual(['# EOF', '']);
    expect(open.match(/# EOF/g)).toHaveLength(1);
    const samples = (page: string): string[] => page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(samples(open)).toEqual(samples(text));
    expect(open).toContain('# TYPE gateway_cache_hits counter\n');
    expect(text).toContain('# TYPE gateway_cache_hits_total counter\n');
  });

  test('links a bucket to the last kept trace that it counted, in whichever process', async () => {
    const { processes, report, exposition } = twoProcesses();
    const [first, second] = processes;
    const at = first.requireRoute('search');
    first.observeRequest(at, 200, 0.25, OTHER);
    first.observeRequest(at, 200, 0.22);
    report();
    second.observeRequest(at, 200, 0.28, TRACE);
    report();
    const lines = (await exposition.read('openmetrics')).split('\n').filter((line) => line.includes('# {'));
    expect(lines).toEqual([
      expect.stringMatching(
        new RegExp(
          `^http_server_request_duration_seconds_bucket\\{.*le="0.3".*\\} 3 # \\{trace_id="${TRACE}"\\} 0.28 \\d+(\\.\\d+)?$`,
        ),
      ),
    ]);
  });

  test('keeps examples apart by bucket and status, and through the end of their process', async () => {
    const { processes, report, exposition, sums } = twoProcesses();
    const [cells] = processes;
    const at = cells.requireRoute('search');
    cells.observeRequest(at, 200, 0.001, TRACE);
    cells.observeRequest(at, 503, 99, OTHER);
    report();
    sums.retire(1);
    const open = await exposition.read('openmetrics');
    expect(open).toMatch(new RegExp(`status_class="2xx".* # \\{trace_id="${TRACE}"\\} 0.001 `));
    expect(open).toMatch(new RegExp(`status_class="5xx".*le="\\+Inf".* # \\{trace_id="${OTHER}"\\} 99 `));
    expect(open.match(/# \{/g)).toHaveLength(2);
  });
});

test('plain text knows no examples', async () => {
  const { processes, report, exposition } = twoProcesses();
  const [cells] = processes;
  cells.observeRequest(cells.requireRoute('search'), 200, 0.25, TRACE);
  report();
  expect(await exposition.read()).not.toContain('trace_id');
});

test('a process keeps as many examples as it has buckets, and gives each once', () => {
  const cells = new Cells(layout);
  const at = cells.requireRoute('search');
  for (let count = 0; count < 10_000; count++) cells.observeRequest(at, 200, (count % 70) + 0.001, TRACE);
  expect(cells.exemplars.take().length).toBeLessThanOrEqual(METRICS.requestDuration.buckets.length + 1);
  expect(cells.exemplars.take()).toEqual([]);
});

test('of what others tell, the newest word of all processes counts', () => {
  const { processes, report, sums } = twoProcesses();
  const [first, second] = processes;
  const at = layout.series.find(
    ({ metric, labels }) =>
      metric === METRICS.providerRemaining && labels.model === 'other' && labels.resource === 'tokens',
  )?.offset;
  const remaining = () => sums.read()[at ?? -1];
  expect(remaining()).toBe(0);
  first.gauge(METRICS.providerRemaining, { model: 'other', resource: 'tokens' })(900);
  report();
  expect(remaining()).toBe(900);
  second.gauge(METRICS.providerRemaining, { model: 'other', resource: 'tokens' })(5);
  second.values[(at ?? 0) + 1] = Date.now() + 1;
  report();
  expect(remaining()).toBe(5);
  first.gauge(METRICS.providerRemaining, { model: 'other', resource: 'tokens' })(0);
  first.values[(at ?? 0) + 1] = Date.now() + 2;
  report();
  expect(remaining()).toBe(0);
});

test('a label of all series stands on each', async () => {
  const exposition = createExposition({
    layout,
    cells: () => new Cells(layout).values,
    constant: { pod_template_hash: '7c9d' },
  });
  const { series } = parsePage(await exposition.read());
  expect(series.length).toBeGreaterThan(100);
  expect(series.filter(({ labels }) => labels.pod_template_hash !== '7c9d').map(identityOf)).toEqual([]);
});

describe('promtool check metrics', () => {
  testWith('promtool', 'is silent about plain text', async () => {
    const page = await createExposition({ layout, cells: () => new Cells(layout).values }).read();
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' });
    expect({ status, told: stdout + stderr }).toEqual({ status: 0, told: '' });
  });
});
