import { describe, expect, test } from '@jest/globals';
import { METRICS, select } from '../../service/telemetry/catalogue.ts';
import { Cells, layOutCells } from '../../service/telemetry/cells.ts';
import { createExposition } from '../../service/telemetry/exposition.ts';
import { createMetricSums } from '../../service/gateway/processes/metric-sums.ts';

const layout = layOutCells({
  routes: [{ id: 'search', method: 'GET', lane: 'critical' }],
  lanes: ['critical', 'background'],
  limits: ['address'],
  breakers: ['redis'],
});

describe('metrics', () => {
  test('exist with zero before anything happened', async () => {
    const cells = new Cells(layout);
    const text = await createExposition({ layout, cells: () => cells.values }).read();
    expect(text).toContain(
      'http_server_request_duration_seconds_count{route="search",method="GET",status_class="5xx",lane="critical"} 0',
    );
    expect(text).toContain('gateway_cache_lookups_total{result="hit"} 0');
  });

  test('count an answer in the bucket of its time and in all above', async () => {
    const cells = new Cells(layout);
    cells.observeRequest(cells.requireRoute('search'), 200, 0.3);
    cells.observeRequest(cells.requireRoute('search'), 204, 99);
    const text = await createExposition({ layout, cells: () => cells.values }).read();
    const bucket = (le: string) =>
      new RegExp(`_bucket\\{route="search",method="GET",status_class="2xx",lane="critical",le="${le}"\\} (\\d+)`).exec(
        text.replaceAll(/\{le="([^"]+)",([^}]*)\}/g, '{$2,le="$1"}'),
      )?.[1];
    expect(['0.2', '0.3', '60', '\\+Inf'].map(bucket)).toEqual(['0', '1', '1', '2']);
  });

  test('of a process that is gone: what it counted stays, what it held does not', () => {
    const sums = createMetricSums(layout);
    const worker = new Cells(layout);
    const count = worker.counter(METRICS.cacheLookups, { result: 'hit' });
    for (let hit = 0; hit < 5; hit++) count();
    worker.gauge(METRICS.activeRequests)(3);
    sums.update(1, worker.values);
    const at = (name: string, values: Float64Array) =>
      values[layout.series.find(({ metric, labels }) => `${metric.name}${labels.result ?? ''}` === name)?.offset ?? -1];
    expect(at('gateway_cache_lookups_totalhit', sums.read())).toBe(5);
    expect(at('http_server_active_requests', sums.read())).toBe(3);
    sums.retire(1);
    expect(at('gateway_cache_lookups_totalhit', sums.read())).toBe(5);
    expect(at('http_server_active_requests', sums.read())).toBe(0);
  });

  test('that the layout does not know are refused', () => {
    expect(() => new Cells(layout).requireRoute('other')).toThrow("'other'");
    expect(() => new Cells(layout).counter(METRICS.cacheLookups, { result: 'other' })).toThrow(
      'gateway_cache_lookups_total',
    );
  });
});

describe('a selector', () => {
  test('quotes what PromQL would read otherwise', () => {
    expect(select(METRICS.up, { job: 'a"b\\', pod: '=~x.*' })).toBe('up{job="a\\"b\\\\",pod=~"x.*"}');
    expect(select(METRICS.requestDuration, {}, '_bucket')).toBe('http_server_request_duration_seconds_bucket');
  });
});

describe('a scrape of many series', () => {
  const routes = Array.from({ length: 400 }, (_, index) => ({ id: `route${index}`, method: 'GET', lane: 'critical' }));
  const many = layOutCells({
    routes,
    lanes: ['critical'],
    limits: ['address', 'key'],
    breakers: ['redis', 'postgres'],
  });

  test('says what each metric is once, and every series once', async () => {
    const text = await createExposition({ layout: many, cells: () => new Float64Array(many.size) }).read();
    const lines = text.split('\n').filter((line) => line !== '');
    expect(lines.filter((line) => line.startsWith('# TYPE http_server_request_duration_seconds'))).toHaveLength(1);
    const samples = lines.filter((line) => !line.startsWith('#'));
    expect(new Set(samples).size).toBe(samples.length);
    expect(samples.filter((line) => line.startsWith('http_server_request_duration_seconds_count'))).toHaveLength(2000);
    expect(text).toContain('gateway_breaker_transitions_total{breaker="redis",state="half-open"} 0');
  });

  test('lets other work run in between', async () => {
    let turns = 0;
    const counting = setInterval(() => turns++, 0);
    await createExposition({ layout: many, cells: () => new Float64Array(many.size) }).read();
    clearInterval(counting);
    expect(turns).toBeGreaterThan(3);
  });
});

describe('a histogram', () => {
  test('counts a pause in its bucket', async () => {
    const cells = new Cells(layout);
    cells.histogram(METRICS.garbageCollection, { kind: 'minor' })(0.02);
    const text = await createExposition({ layout, cells: () => cells.values }).read();
    expect(text).toMatch(/nodejs_gc_duration_seconds_bucket\{(le="0.01",)?kind="minor"(,le="0.01")?\} 0/);
    expect(text).toMatch(/nodejs_gc_duration_seconds_bucket\{(le="0.025",)?kind="minor"(,le="0.025")?\} 1/);
  });
});
