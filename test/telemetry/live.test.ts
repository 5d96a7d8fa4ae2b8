import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { definition, withValues } from '../../service/definition/index.ts';
import { measuredOf } from '../../service/gateway/processes/measured.ts';
import { METRICS, type Metric } from '../../service/telemetry/catalogue.ts';
import { layOutCells } from '../../service/telemetry/cells.ts';
import { startUpstream, type RunningUpstream } from '../../service/upstream/index.ts';
import { eventually } from '../support/eventually.ts';
import { ask } from '../support/gateway.ts';
import { startProgram, type GatewayProgram } from '../support/program.ts';
import { identityOf, parsePage, type Page } from './page.ts';

const VALUES = ['limits.address=1000/min', 'routes.search.limit=1000/min', 'routes.chat.limit=1000/min'];
const EXPORTED = Object.values<Metric>(METRICS).filter(({ exporter }) => exporter === 'gateway');

/** The series that the catalogue and the definition say that there are, without those that tell of the build. */
function expectedSeries(): string[] {
  const { series } = layOutCells(measuredOf(withValues(definition.dev, VALUES)));
  const read = EXPORTED.filter((metric) => metric.source === 'primary' && metric !== METRICS.buildInfo);
  return [...series, ...read.map((metric) => ({ metric, labels: {} }))].flatMap(({ metric, labels }) => {
    const named = (suffix: string, more = {}) =>
      identityOf({ name: metric.name + suffix, labels: { ...labels, ...more } });
    if (metric.type !== 'histogram') return [named('')];
    const edges = [...(metric.buckets ?? []).map(String), '+Inf'];
    return [...edges.map((le) => named('_bucket', { le })), named('_sum'), named('_count')];
  });
}

let upstream: RunningUpstream;
let gateway: GatewayProgram;

async function scrape(): Promise<Page> {
  return parsePage(await (await fetch(`http://127.0.0.1:${gateway.opsPort}/metrics`)).text());
}

const withoutBuild = ({ series }: Page): string[] =>
  series
    .filter(({ name }) => name !== METRICS.buildInfo.name)
    .map(identityOf)
    .sort();

beforeAll(async () => {
  upstream = await startUpstream({ port: 0, chunkPauseMs: 1 });
  await upstream.ready;
  const origin = `http://127.0.0.1:${upstream.port}`;
  gateway = await startProgram({
    // The sample upstream is every provider, at their prices.
    values: [...VALUES, ...['openai', 'deepseek'].map((id) => `ai.providers.${id}.baseUrl=${origin}/v1`)],
    variables: {
      ...{ UPSTREAM_ORIGIN: origin, WORKERS: '2', SLUICE_COMMIT: '8c1f1af' },
      ...{ OPENAI_API_KEY: 'of-a-test', DEEPSEEK_API_KEY: 'of-a-test' },
    },
  });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await upstream.close(0);
});

const chat = (model: string, stream: boolean): string =>
  JSON.stringify({
    model,
    stream,
    ...(stream && { stream_options: { include_usage: true } }),
    messages: [{ role: 'user', content: 'How is a request retried?' }],
  });
const JSON_BODY = { 'content-type': 'application/json' };

describe('a gateway that nobody has asked anything', () => {
  let page: Page;
  beforeAll(async () => {
    page = await scrape();
  });

  test('tells every series of the catalogue with exactly its labels and edges, and nothing else', () => {
    expect(withoutBuild(page)).toEqual(expectedSeries().sort());
  });

  test('tells each metric under its type', () => {
    expect(page.types).toEqual(new Map(EXPORTED.map(({ name, type }) => [name, type])));
  });

  test('begins every count of what others do at 0', () => {
    const own = new Set<string>([
      METRICS.cpuSeconds.name,
      'gateway_event_loop_delay_seconds',
      'nodejs_gc_duration_seconds',
    ]);
    const isOwn = (name: string): boolean => own.has(name.replace(/_(bucket|sum|count)$/, ''));
    const counts = page.series.filter(({ name }) => /_(total|bucket|sum|count)$/.test(name) && !isOwn(name));
    expect(counts.filter(({ value }) => value !== 0)).toEqual([]);
  });

  test('tells which release it is', () => {
    const build = page.series.filter(({ name }) => name === METRICS.buildInfo.name);
    expect(build).toEqual([
      { name: METRICS.buildInfo.name, labels: { version: definition.dev.version, commit: '8c1f1af' }, value: 1 },
    ]);
  });
});

/** What the traffic below moves, of each kind of metric at least one. */
const MOVED: readonly (readonly [metric: Metric, labels: Readonly<Record<string, string>>, suffix: string])[] = [
  [METRICS.requestDuration, { route: 'search', status_class: '2xx' }, '_count'],
  [METRICS.requestDuration, { status_class: '4xx' }, '_count'],
  [METRICS.cacheLookups, { result: 'hit' }, ''],
  [METRICS.cacheLookups, { result: 'miss' }, ''],
  [METRICS.cacheHits, { level: 'l1' }, ''],
  [METRICS.cacheHits, { level: 'l2' }, ''],
  [METRICS.cacheEvents, { event: 'stored' }, ''],
  [METRICS.limitDecisions, { decision: 'allowed' }, ''],
  [METRICS.upstreamAttempts, { outcome: 'ok' }, ''],
  [METRICS.upstreamConnectionsLimit, { pool: 'stream' }, ''],
  [METRICS.aiDuration, { model: 'deepseek-chat' }, '_count'],
  [METRICS.aiDuration, { model: 'gpt-4o-mini' }, '_count'],
  [METRICS.aiDuration, { model: 'other' }, '_count'],
  [METRICS.aiFirstToken, { model: 'gpt-4o-mini' }, '_count'],
  [METRICS.aiPerToken, { model: 'gpt-4o-mini' }, '_count'],
  [METRICS.aiTokens, { model: 'deepseek-chat', token_type: 'input' }, '_sum'],
  [METRICS.aiTokens, { model: 'gpt-4o-mini', token_type: 'output' }, '_sum'],
  [METRICS.aiCost, { model: 'gpt-4o-mini' }, ''],
  [METRICS.aiOverhead, {}, '_count'],
  [METRICS.providerLimit, { resource: 'requests' }, ''],
  [METRICS.aiWait, {}, '_count'],
  [METRICS.aiReserved, {}, ''],
  [METRICS.providerRemaining, { resource: 'tokens' }, ''],
  [METRICS.cpuSeconds, {}, ''],
  [METRICS.residentMemory, {}, ''],
  [METRICS.heapUsed, {}, ''],
  [METRICS.eventLoopDelay, {}, '_count'],
  [METRICS.workers, {}, ''],
  [METRICS.laneLimit, { lane: 'critical' }, ''],
  [METRICS.poolLimit, { lane: 'background' }, ''],
];

describe('under mixed traffic', () => {
  let page: Page;
  beforeAll(async () => {
    const { port } = gateway;
    for (let count = 0; count < 12; count++) await ask(port, 'GET', '/v1/search?q=retry');
    await ask(port, 'POST', '/v1/chat/completions', JSON_BODY, chat('deepseek-chat', false));
    await ask(port, 'POST', '/v1/chat/completions', JSON_BODY, chat('gpt-4o-mini', true));
    await ask(port, 'POST', '/v1/chat/completions', JSON_BODY, chat('my-own', false));
    await ask(port, 'GET', '/health');
    await ask(port, 'GET', '/nowhere');
    await ask(port, 'DELETE', '/v1/search');
    await ask(port, 'GET', '/logs');
    await ask(port, 'POST', '/create-order', JSON_BODY, '{');
    await eventually(async () => {
      expect(await gateway.metric('http_server_request_duration_seconds_count')).toBe(20);
    });
    page = await scrape();
  }, 30_000);

  test('tells the same series as before', () => {
    expect(withoutBuild(page)).toEqual(expectedSeries().sort());
  });

  test.each(MOVED.map(([metric, ...rest]) => [metric.name, ...rest] as const))(
    'moves %s %p',
    (name, labels, suffix) => {
      const matching = page.series.filter(
        (series) =>
          series.name === name + suffix &&
          Object.entries(labels).every(([label, value]) => series.labels[label] === value),
      );
      expect(matching.reduce((sum, { value }) => sum + value, 0)).toBeGreaterThan(0);
    },
  );

  test('tells what the provider admits once, and not once for each process', () => {
    const told = page.series.find(
      ({ name, labels }) => name === METRICS.providerLimit.name && labels.resource === 'requests',
    );
    expect(told?.value).toBe(30_000);
  });
});

describe('whatever clients send', () => {
  test('no series is born of it', async () => {
    const { port } = gateway;
    const before = withoutBuild(await scrape());
    const random = (): string => Math.random().toString(36).slice(2);
    const hostile: (() => Promise<unknown>)[] = [
      () => ask(port, 'GET', `/${random()}/${random()}?${random()}=${random()}`),
      () => ask(port, 'GET', `/v1/search?q=${random()}&${random()}=1`),
      () => ask(port, 'GET', '/v1/search?q=a', { host: `${random()}.test` }),
      () => ask(port, 'PROPFIND', `/v1/${random()}`),
      () => ask(port, 'PURGE', '/v1/search'),
      () => ask(port, 'POST', '/v1/chat/completions', JSON_BODY, chat(`${random()}"}\n# HELP x`, false)),
      () => ask(port, 'POST', '/v1/chat/completions', JSON_BODY, chat('__proto__', true)),
      () => ask(port, 'POST', '/v1/chat/completions', JSON_BODY, `{"model":{"${random()}":1}}`),
      () => ask(port, 'GET', '/v1/search?q=a', { authorization: `Bearer ${random()}` }),
      () => ask(port, 'GET', '/v1/search?q=a', { 'x-api-key': random(), 'x-tier': random() }),
      () => ask(port, 'GET', '/v1/search?q=a', { 'x-forwarded-for': `10.1.2.${Math.floor(Math.random() * 255)}` }),
      () => ask(port, 'GET', '/v1/search?q=a', { traceparent: random(), 'x-request-id': random() }),
      () =>
        ask(
          port,
          'GET',
          '/v1/search?q=a',
          Object.fromEntries(Array.from({ length: 200 }, () => [`x-${random()}`, 'x'])),
        ),
      () => ask(port, 'GET', `/orders/${random()}`),
      () => ask(port, 'GET', `/v1/search?q=${'%'.repeat(50)}`),
    ];
    for (let round = 0; round < 10; round++) await Promise.all(hostile.map((send) => send().catch(() => undefined)));
    await eventually(async () => {
      expect(await gateway.metric('http_server_request_duration_seconds_count')).toBeGreaterThan(140);
    });
    expect(withoutBuild(await scrape())).toEqual(before);
  }, 60_000);
});
