import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findFreePort } from '../../service/store/free-port.ts';
import { startCollector, type CollectedSpan, type Collector } from '../support/collector.ts';
import { eventually } from '../support/eventually.ts';
import { ask } from '../support/gateway.ts';
import { NOWHERE, startProgram, type GatewayProgram } from '../support/program.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { startUpstreamProgram, type UpstreamProgram } from '../support/upstream-program.ts';
import { answer, startOrigin } from '../gateway/origin.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';

type Line = Readonly<Record<string, unknown>>;

function linesOf(log: string): Line[] {
  return log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
}

describe.each(['http', 'fast'] as const)('traces of a gateway with the %s listener', (listener) => {
  let collector: Collector;
  let upstream: UpstreamProgram;
  let gateway: GatewayProgram;

  beforeAll(async () => {
    collector = await startCollector();
    const port = await findFreePort();
    const variables = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20of-the-collector',
    };
    upstream = startUpstreamProgram(port, variables);
    gateway = await startProgram({
      values: ['telemetry.traces.sample=0%', 'limits.address=100000/s', `gateway.listener=${listener}`],
      variables: { UPSTREAM_ORIGIN: `http://127.0.0.1:${port}`, ...variables },
    });
    await eventually(async () => expect((await ask(port, 'GET', '/readyz')).status).toBe(200), 30_000);
  }, 60_000);
  afterAll(async () => {
    await gateway.stop();
    await upstream.stop();
    await collector.close();
  });

  const search = (query: string, flags: string, headers: Readonly<Record<string, string>> = {}) =>
    ask(gateway.port, 'GET', `/v1/search?q=${query}`, {
      traceparent: `00-${TRACE}-${CALLER}-${flags}`,
      'x-request-id': query,
      ...headers,
    });
  const spanOf = (query: string): CollectedSpan | undefined =>
    collector.spans.find(({ attributes }) => attributes['sluice.request_id'] === query);

  test('are whole: one trace from the caller through the gateway to the upstream, and the same in both logs', async () => {
    const { status } = await search('stream', '01', { tracestate: 'congo=t61rcWkgMzE' });
    expect(status).toBe(200);

    const { server, attempt, answer } = await eventually(() => {
      const ofTrace = collector.spans.filter(({ traceId }) => traceId === TRACE);
      const server = ofTrace.find(({ parentSpanId }) => parentSpanId === CALLER);
      const attempt = ofTrace.find(({ name, parentSpanId }) => name === 'upstream' && parentSpanId === server?.spanId);
      const answer = ofTrace.find(({ parentSpanId }) => parentSpanId === attempt?.spanId);
      if (!server || !attempt || !answer) throw new Error(`not whole: ${JSON.stringify(ofTrace)}`);
      return { server, attempt, answer };
    }, 10_000);

    expect(server).toMatchObject({
      service: 'sluice',
      name: 'GET /v1/search',
      kind: 2,
      traceState: 'congo=t61rcWkgMzE',
      hasFailed: false,
      resource: { 'service.version': expect.any(String), 'deployment.environment.name': 'dev' },
      attributes: { 'http.request.method': 'GET', 'http.route': '/v1/search', 'http.response.status_code': 200 },
    });
    expect(attempt).toMatchObject({ kind: 3, attributes: { 'http.response.status_code': 200 } });
    expect(answer).toMatchObject({ service: 'sluice-upstream', kind: 2, name: 'GET /v1/search' });
    expect(collector.spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['limit', 'cache']));
    // Each step lies within what it is a part of, give or take what two clocks differ.
    for (const [outer, inner] of [
      [server, attempt],
      [attempt, answer],
    ] as const) {
      expect(inner.startedAt).toBeGreaterThan(outer.startedAt - 5);
      expect(inner.endedAt).toBeLessThan(outer.endedAt + 5);
    }

    const line = linesOf(gateway.log()).find((each) => each.request_id === 'stream');
    expect(line).toMatchObject({ trace_id: TRACE, span_id: server.spanId, route: 'search', status: 200 });
    const below = linesOf(upstream.log()).find((each) => each.trace_id === TRACE);
    expect(below).toMatchObject({ span_id: answer.spanId, route: '/v1/search', status: 200 });
    expect(collector.exports[0]?.authorization).toBe('Bearer of-the-collector');
  });

  test('tell of hits, and of nothing that nobody asked to be recorded', async () => {
    expect((await search('stream', '01', { 'x-request-id': 'hit' })).headers['x-cache']).toBe('HIT');
    expect((await search('stream', '00', { 'x-request-id': 'not-asked' })).headers['x-cache']).toBe('HIT');
    const hit = await eventually(() => {
      const span = spanOf('hit');
      if (!span) throw new Error('not there yet');
      return span;
    }, 10_000);
    const steps = collector.spans.filter(({ parentSpanId }) => parentSpanId === hit.spanId);
    expect(steps.map(({ name, attributes }) => [name, attributes])).toEqual(
      expect.arrayContaining([
        ['limit', { 'sluice.decision': 'allowed' }],
        ['cache', { 'sluice.cache': 'l1' }],
      ]),
    );
    expect(spanOf('not-asked')).toBeUndefined();
    expect(linesOf(gateway.log()).find((line) => line.request_id === 'not-asked')).toMatchObject({ trace_id: TRACE });
  });

  test('are counted as exported', async () => {
    await eventually(async () =>
      expect(await gateway.metric('gateway_trace_spans_total', 'export="exported"')).toBeGreaterThan(5),
    );
    expect(await gateway.metric('gateway_trace_spans_total', 'export="failed"')).toBe(0);
  });

  test('are kept of a request that failed, with why, though nobody asked', async () => {
    await upstream.stop();
    expect((await search('other', '00')).status).toBe(502);
    const failed = await eventually(() => {
      const span = spanOf('other');
      if (!span) throw new Error('not there yet');
      return span;
    }, 10_000);
    expect(failed).toMatchObject({ hasFailed: true, attributes: { 'error.type': '502' } });
    const attempts = collector.spans.filter(({ parentSpanId }) => parentSpanId === failed.spanId);
    expect(attempts.filter(({ name }) => name === 'upstream').map(({ attributes }) => attributes)).toEqual([
      expect.objectContaining({ 'error.type': 'ECONNREFUSED' }),
      expect.objectContaining({ 'error.type': 'ECONNREFUSED', 'http.request.resend_count': 1 }),
    ]);
  });
});

describe('the steps of a request', () => {
  const missing = redisMissing();
  if (missing !== undefined) console.warn(`skipped: spans of Redis: ${missing}`);

  (missing === undefined ? test : test.skip)('show what it waited for in Redis and in Postgres', async () => {
    const collector = await startCollector();
    const redis = await startRedis();
    const gateway = await startProgram({
      variables: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
        REDIS_URL: `redis://:${redis.password}@127.0.0.1:${redis.port}`,
      },
    });
    try {
      // Its Postgres is nowhere, so nobody can tell whose key this is; the limits are charged all the same.
      const { status } = await ask(gateway.port, 'GET', '/v1/search?q=a', {
        authorization: `Bearer slu_${'a'.repeat(43)}`,
        traceparent: `00-${TRACE}-${CALLER}-01`,
      });
      expect(status).toBe(503);
      const ofTrace = await eventually(() => {
        const spans = collector.spans.filter(({ traceId }) => traceId === TRACE);
        if (spans.length === 0) throw new Error('not there yet');
        return spans;
      }, 10_000);
      const [server] = ofTrace.filter(({ kind }) => kind === 2);
      const ofStep = (name: string) => ofTrace.find((span) => span.name === name);
      expect(ofStep('postgres')).toMatchObject({
        kind: 3,
        hasFailed: true,
        parentSpanId: server?.spanId,
        attributes: { 'db.system.name': 'postgresql', 'db.query.text': expect.stringMatching(/^SELECT owner, tier/) },
      });
      expect(JSON.stringify(ofTrace)).not.toContain('slu_');
      await ask(gateway.port, 'GET', '/v1/search?q=b', { traceparent: `00-${TRACE}-${CALLER}-01` });
      await eventually(() => {
        const steps = collector.spans.filter(({ name }) => name === 'redis');
        expect(steps.map(({ attributes }) => attributes['db.operation.name'])).toContain('take limits');
      }, 10_000);
    } finally {
      await gateway.stop();
      await redis.stop();
      await collector.close();
    }
  });
});

describe('in front of another origin, the trace of a caller', () => {
  const CALLED = { traceparent: `00-${TRACE}-${CALLER}-01`, tracestate: 'congo=t61' };
  const told = (head: string, name: string) =>
    [...head.matchAll(new RegExp(`^${name}: (.*)$`, 'gim'))].map(([, value]) => value);

  async function headAtOrigin(variables: Readonly<Record<string, string>>): Promise<string> {
    const origin = await startOrigin((socket) => socket.write(answer('ok')));
    const gateway = await startProgram({ variables: { PROXY_ORIGIN: origin.url, ...variables } });
    try {
      expect((await ask(gateway.port, 'GET', '/any', CALLED)).status).toBe(200);
      return origin.heads[0] ?? '';
    } finally {
      await gateway.stop();
      origin.close();
    }
  }

  test('goes on with the attempt that is recorded', async () => {
    const head = await headAtOrigin({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://${NOWHERE}` });
    expect(told(head, 'traceparent')).toEqual([
      expect.stringMatching(new RegExp(`^00-${TRACE}-(?!${CALLER}).{16}-01$`)),
    ]);
    expect(told(head, 'tracestate')).toEqual(['congo=t61']);
  });

  test('is passed on as it came where nothing is recorded', async () => {
    const head = await headAtOrigin({});
    expect(told(head, 'traceparent')).toEqual([CALLED.traceparent]);
    expect(told(head, 'tracestate')).toEqual(['congo=t61']);
  });
});
