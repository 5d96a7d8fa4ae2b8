import { afterEach, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPrometheus } from '../../../../alerts/rollback/prometheus.ts';
import { releaseRecordings } from '../../../../alerts/recording-rules.ts';
import { definition, withValues } from '../../../../service/definition/index.ts';
import { RECORDED } from '../../../../service/telemetry/catalogue.ts';
import { eventually } from '../../../support/eventually.ts';
import { prometheusMissing, startPrometheus, type TestPrometheus } from '../../../support/prometheus.ts';

let server: Server | undefined;
let real: TestPrometheus | undefined;

afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await real?.stop();
  real = undefined;
});

const COMPARED = { release: 'new11', previous: ['old11', 'kept1'] };

describe('figures of two versions', () => {
  test('are those that were recorded last, of the previous version with the weight of its requests', async () => {
    const prometheus = await stub([
      ...seriesOf('new11', { requests: [120, 200], errors: [0.5, 0.05], timed: [100, 150], fast: [0.2, 0.9] }),
      ...seriesOf('old11', { requests: [300], errors: [0.01], timed: [200], fast: [1] }),
      ...seriesOf('kept1', { requests: [100], errors: [0.05], timed: [50], fast: [0.5] }),
    ]);

    expect(await prometheus.look(COMPARED)).toEqual({
      at: 7,
      release: { requests: 200, failed: 0.05, timed: 150, fast: 0.9 },
      previous: {
        requests: 400,
        failed: expect.closeTo(0.02) as unknown,
        timed: 250,
        fast: expect.closeTo(0.9) as unknown,
      },
    });
    expect(prometheus.problem()).toBeUndefined();
  });

  test('are asked for by hash and namespace, and no older than two intervals', async () => {
    const asked: string[] = [];
    const prometheus = await stub([], asked);
    await prometheus.look(COMPARED);

    expect(asked).toEqual([
      '/api/v1/query?query={__name__=~"release:requests:increase|release:requests_failed:ratio_rate|release:requests_timed:increase|release:requests_fast:ratio_rate",namespace="shop",pod_template_hash=~"new11|old11|kept1"}[10000ms]',
    ]);
  });

  test('are absent where Prometheus knows of no requests, which is an answer', async () => {
    const prometheus = await stub(seriesOf('old11', { requests: [3], errors: [0], timed: [3], fast: [1] }));

    expect(await prometheus.look(COMPARED)).toEqual({ at: 7, previous: { requests: 3, failed: 0, timed: 3, fast: 1 } });
  });

  test('are no shares of nothing: without requests none failed, and none was slow', async () => {
    const prometheus = await stub(
      seriesOf('new11', { requests: [0], errors: [Number.NaN], timed: [0], fast: [Number.NaN] }),
    );

    expect(await prometheus.look(COMPARED)).toMatchObject({ release: { requests: 0, failed: 0, timed: 0, fast: 1 } });
  });

  test.each([
    ['how many failed', { requests: [100], timed: [100], fast: [1] }],
    ['how many were fast', { requests: [100], errors: [0], timed: [100] }],
    ['how many there were', { errors: [0], timed: [100], fast: [1] }],
  ])('are not made up where nobody knows %s', async (_, numbers) => {
    const prometheus = await stub(seriesOf('new11', numbers));

    expect(await prometheus.look(COMPARED)).toEqual({ at: 7 });
  });
});

describe('no answer is undefined, says why, and is no sign of life:', () => {
  test.each<[what: string, status: number, body: string, problem: RegExp]>([
    ['an error', 500, '{"status":"error"}', /status 500/],
    ['a refusal', 403, 'no', /status 403/],
    ['a page', 200, '<html>', /something else/],
    ['another form', 200, '{"status":"success","data":{"result":"none"}}', /something else/],
    ['a query that failed', 200, '{"status":"error","data":{"result":[]}}', /something else/],
    [
      'values that are none',
      200,
      '{"status":"success","data":{"result":[{"metric":{},"values":[[1]]}]}}',
      /something else/,
    ],
    ['more than anybody needs', 200, 'x'.repeat(2_000_000), /more than 1048576 bytes/],
  ])('%s', async (_, status, body, problem) => {
    const prometheus = await answering((response) => response.writeHead(status).end(body));

    expect(await prometheus.look(COMPARED)).toBeUndefined();
    expect(prometheus.problem()).toMatch(problem);
    expect(await prometheus.answers()).toBe(false);
  });

  test('silence', async () => {
    const prometheus = await answering(() => undefined);

    expect(await prometheus.answers()).toBe(false);
    expect(prometheus.problem()).toMatch(/no answer within 300 ms/);
  });

  test('nobody there', async () => {
    const prometheus = create('http://127.0.0.1:1');

    expect(await prometheus.look(COMPARED)).toBeUndefined();
    expect(prometheus.problem()).toMatch(/ECONNREFUSED/);
  });
});

const missing = prometheusMissing();
(missing === undefined ? test : test.skip)(
  `a real Prometheus is asked in a way that it understands, and forgets what is old${missing ? `: ${missing}` : ''}`,
  async () => {
    const service = withValues(definition.dev, ['release.guard.mode=act', 'namespace=shop']);
    const labels = { namespace: 'shop', pod_template_hash: 'new11' };
    // What the rules record, with the same names and labels, from numbers instead of requests.
    const numbers = [200, 0.05, 150, 0.9];
    const rules = releaseRecordings(service).map(({ metric }, index) => ({
      record: metric.name,
      expr: `vector(${numbers[index]})`,
      labels,
    }));
    const group = { name: 'release', interval: '1s', rules };
    real = await startPrometheus(
      { global: { evaluation_interval: '1s' }, rule_files: ['rules.yaml'] },
      { files: { 'rules.yaml': { groups: [group] } } },
    );
    const prometheus = create(`http://127.0.0.1:${real.port}`, 2_000);
    const figures = { requests: 200, failed: 0.05, timed: 150, fast: 0.9 };

    expect(await prometheus.answers()).toBe(true);
    await eventually(
      async () => expect(await prometheus.look(COMPARED)).toEqual({ at: 7, release: figures }),
      20_000,
      200,
    );
    // An instant query would be given the last value of the past five minutes.
    const old = create(`http://127.0.0.1:${real.port}`, 1);
    expect(await old.look(COMPARED)).toEqual({ at: 7 });
  },
);

type Values = { requests?: number[]; errors?: number[]; timed?: number[]; fast?: number[] };

const NAMES = {
  requests: RECORDED.releaseRequests,
  errors: RECORDED.releaseErrors,
  timed: RECORDED.releaseTimed,
  fast: RECORDED.releaseFast,
} as const;

function seriesOf(hash: string, numbers: Values): readonly object[] {
  return (Object.keys(numbers) as (keyof Values)[]).map((key) => ({
    metric: { __name__: NAMES[key].name, namespace: 'shop', pod_template_hash: hash },
    values: (numbers[key] ?? []).map((value, index) => [1000 + index, `${value}`]),
  }));
}

function stub(result: readonly object[], asked: string[] = []) {
  return answering((response, url) => {
    asked.push(decodeURIComponent(url));
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result }, warnings: ['partial'] }));
  });
}

async function answering(
  answer: (response: Parameters<Parameters<typeof createServer>[1] & object>[1], url: string) => void,
) {
  server = createServer((request, response) => answer(response, request.url ?? ''));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return create(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

function create(url: string, freshFor = 10_000) {
  return createPrometheus({ url, namespace: 'shop', freshFor, now: () => 7, timeout: 300 });
}
