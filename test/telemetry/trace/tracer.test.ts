import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import * as conventions from '@opentelemetry/semantic-conventions';
import * as incubating from '@opentelemetry/semantic-conventions/incubating';
import { beginSpan, runInTrace } from '../../../service/telemetry/trace/current.ts';
import type { FinishedSpan } from '../../../service/telemetry/trace/finished.ts';
import { ATTRIBUTES, OWN_ATTRIBUTES } from '../../../service/telemetry/trace/names.ts';
import { Trace } from '../../../service/telemetry/trace/trace.ts';
import { createTracer, type RequestEnd } from '../../../service/telemetry/trace/tracer.ts';
import { PROJECT } from '../../support/serve.ts';

const PARENT = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const traceparent = (flags: string) => `00-${PARENT.traceId}-${PARENT.spanId}-${flags}`;
const WELL: RequestEnd = {
  name: 'GET /v1/search',
  status: 200,
  durationMs: 5,
  error: undefined,
  attributes: () => ['http.route', '/v1/search'],
};

function tracing(options: { share?: number; keptPerSecond?: number } = {}) {
  const kept: (readonly FinishedSpan[])[] = [];
  const dropped: number[] = [];
  const tracer = createTracer({
    sampling: { share: 0, slowMs: 1_000, askedPerSecond: 10, keptPerSecond: 100, ...options },
    queue: { add: (spans) => kept.push(spans) },
    onDropped: (spans) => dropped.push(spans),
  });
  return { tracer, kept, dropped };
}

describe('the trace of a request', () => {
  test('goes on with that of its caller', () => {
    const { tracer, kept } = tracing();
    const trace = tracer.begin({ traceparent: traceparent('01'), tracestate: 'a=1' }, performance.now());
    expect(trace).toMatchObject({ traceId: PARENT.traceId, sampled: true, state: 'a=1' });
    expect(trace.spanId).not.toBe(PARENT.spanId);
    expect(tracer.end(trace, WELL)).toBe(PARENT.traceId);
    expect(kept[0]?.[0]).toMatchObject({
      ...PARENT,
      spanId: trace.spanId,
      parentSpanId: PARENT.spanId,
      parentIsRemote: true,
      name: 'GET /v1/search',
      kind: 'server',
      failure: undefined,
      attributes: ['http.route', '/v1/search', ATTRIBUTES.status, 200],
    });
  });

  test.each([{}, { traceparent: 'nonsense', tracestate: 'a=1' }, { tracestate: 'a=1' }])(
    'is a new one without a caller whose word can be read: %j',
    (headers) => {
      const trace = tracing().tracer.begin(headers, 0);
      expect(trace.parent).toBeUndefined();
      expect(trace.state).toBeUndefined();
      expect(trace.traceId).toMatch(/^[\da-f]{32}$/);
      expect(trace.traceId).not.toBe(PARENT.traceId);
    },
  );

  test('has its steps as children of the request, with one that goes on as unfinished', () => {
    const { tracer, kept } = tracing({ share: 1 });
    const trace = tracer.begin({}, performance.now());
    trace.begin('postgres', 'client')?.set(ATTRIBUTES.database, 'postgresql').end('ECONNRESET');
    trace.mark('cache', OWN_ATTRIBUTES.cache, 'l1');
    const going = trace.begin('upstream', 'client');
    tracer.end(trace, WELL);
    going?.end();

    const [spans = []] = kept;
    const [request, ...steps] = spans;
    expect(steps.map(({ name, kind, failure, attributes }) => ({ name, kind, failure, attributes }))).toEqual([
      { name: 'postgres', kind: 'client', failure: 'ECONNRESET', attributes: [ATTRIBUTES.database, 'postgresql'] },
      { name: 'cache', kind: 'internal', failure: undefined, attributes: [OWN_ATTRIBUTES.cache, 'l1'] },
      { name: 'upstream', kind: 'client', failure: undefined, attributes: [OWN_ATTRIBUTES.unfinished, true] },
    ]);
    for (const step of steps) {
      expect(step).toMatchObject({ traceId: request?.traceId, parentSpanId: request?.spanId, parentIsRemote: false });
      expect(step.endedAt).toBeGreaterThanOrEqual(step.startedAt);
    }
    expect(Math.abs((request?.startedAt ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test('takes no steps once it is over, and no more than so many before', () => {
    const { tracer, kept } = tracing({ share: 1 });
    const trace = tracer.begin({}, 0);
    for (let step = 0; step < 1_000; step++) trace.begin('postgres')?.end();
    tracer.end(trace, WELL);
    expect(trace.begin('late')).toBeUndefined();
    expect(kept[0]).toHaveLength(65);
    expect(kept[0]?.[0]?.attributes).toEqual(expect.arrayContaining([OWN_ATTRIBUTES.leftOut, 936]));
  });

  test('notes what is done at once only where it is certain to be kept', () => {
    const { tracer } = tracing();
    const trace = tracer.begin({}, 0);
    trace.mark('cache', OWN_ATTRIBUTES.cache, 'l1');
    expect(trace.spans).toEqual([]);
  });

  test.each<[what: string, end: Partial<RequestEnd>, failure: string | undefined]>([
    ['failed', { status: 503, error: new Error('no') }, '503'],
    ['was slow', { durationMs: 1_000 }, undefined],
    ['broke off', { error: new Error('cut') }, 'broke_off'],
  ])('is kept when it %s, though nobody asked', (_what, end, failure) => {
    const { tracer, kept } = tracing();
    const trace = tracer.begin({ traceparent: traceparent('00') }, 0);
    expect(tracer.end(trace, { ...WELL, ...end })).toBe(PARENT.traceId);
    expect(kept[0]?.[0]).toMatchObject({ failure, sampled: false });
  });

  test.each<[what: string, end: Partial<RequestEnd>]>([
    ['went well', {}],
    ['was refused', { status: 404, error: new Error('no such') }],
    ['lost its client', { status: 499, error: new Error('left') }],
  ])('is not kept when it %s and nobody asked', (_what, end) => {
    const { tracer, kept } = tracing();
    const asked: string[] = [];
    const attributes = () => (asked.push('asked'), []);
    expect(tracer.end(tracer.begin({}, 0), { ...WELL, ...end, attributes })).toBeUndefined();
    expect([kept, asked]).toEqual([[], []]);
  });

  test('is not slow for a stream that lasts, if its first byte came soon', () => {
    const { tracer, kept } = tracing();
    const trace = tracer.begin({}, 0);
    trace.answeredAt = 200;
    tracer.end(trace, { ...WELL, durationMs: 60_000 });
    expect(kept).toEqual([]);
  });

  test('is dropped, and counted with its steps, beyond what a second has room for', () => {
    const { tracer, kept, dropped } = tracing({ share: 1, keptPerSecond: 1 });
    for (let request = 0; request < 3; request++) {
      const trace = tracer.begin({}, 100);
      trace.begin('limit')?.end();
      tracer.end(trace, WELL);
    }
    expect(kept).toHaveLength(1);
    expect(dropped).toEqual([2, 2]);
  });
});

test('whatever a request waits for finds its trace, and nothing finds it elsewhere', async () => {
  const [first, second] = [new Trace(0), new Trace(0)];
  const work = async (name: string): Promise<void> => {
    await Promise.resolve();
    beginSpan(name)?.end();
  };
  await Promise.all([runInTrace(first, work, 'first'), runInTrace(second, work, 'second'), work('none')]);
  expect(first.spans.map(({ name }) => name)).toEqual(['first']);
  expect(second.spans.map(({ name }) => name)).toEqual(['second']);
  expect(beginSpan('outside')).toBeUndefined();
});

test('names of attributes are those of the conventions', () => {
  const known = new Set<unknown>([...Object.values(conventions), ...Object.values(incubating)]);
  for (const name of Object.values(ATTRIBUTES)) expect(known).toContain(name);
  for (const name of Object.values(OWN_ATTRIBUTES)) expect(name).toMatch(/^sluice\.[a-z_]+$/);
});

test.each<[module: string, isLoaded: boolean]>([
  ['gateway/processes/worker.ts', false],
  ['telemetry/trace/tracing.ts', true],
])('%s loads the libraries of OpenTelemetry: %s', (module, isLoaded) => {
  const script = `import('./service/${module}').then(() => {
    const loaded = Object.keys(require('node:module')._cache);
    console.log(loaded.some((file) => file.includes('@opentelemetry')));
  })`;
  expect(execFileSync(process.execPath, ['-e', script], { cwd: PROJECT, encoding: 'utf8' }).trim()).toBe(
    String(isLoaded),
  );
});
