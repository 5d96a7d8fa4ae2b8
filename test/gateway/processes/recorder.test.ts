import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { definition } from '../../../service/definition/index.ts';
import { Exchange, type Caller } from '../../../service/gateway/exchange.ts';
import { Problem } from '../../../service/gateway/problem.ts';
import { measuredOf } from '../../../service/gateway/processes/measured.ts';
import { createRecorder } from '../../../service/gateway/processes/recorder.ts';
import type { Outcome } from '../../../service/gateway/sender.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import { Cells, layOutCells } from '../../../service/telemetry/cells.ts';
import { createLog } from '../../../service/telemetry/log.ts';
import { createTracer } from '../../../service/telemetry/trace/tracer.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const SECRET = 'slu_the-secret-of-a-key';

function recording(options: Parameters<typeof createRecorder>[2] = {}) {
  let text = '';
  const log = createLog({ level: 'info', base: {}, destination: { write: (line) => (text += line) } });
  const cells = new Cells(layOutCells(measuredOf(definition.dev)));
  const recorder = createRecorder(cells, log, options);
  return {
    cells,
    end(outcome: Partial<Outcome> & Pick<Outcome, 'exchange'>) {
      recorder.onStart();
      recorder.onEnd({ status: 200, durationMs: 12.3456, error: undefined, ...outcome });
    },
    lines: () =>
      text
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

function exchangeOf(id: 'search' | 'chat', caller?: Caller): Exchange {
  const request = Object.assign(new IncomingMessage(new Socket()), {
    method: id === 'chat' ? 'POST' : 'GET',
    headers: { traceparent: `00-${TRACE}-${CALLER}-01`, authorization: `Bearer ${SECRET}` },
  });
  const route = { ...definition.dev.routes[id], id, handler: () => ({ status: 200, headers: [], body: null }) };
  const exchange = new Exchange({
    request,
    response: new ServerResponse(request),
    requestId: 'req-1',
    route: route as Exchange['route'],
    params: {},
    search: 'q=private',
    startedAt: 0,
  });
  exchange.clientAddress = '192.0.2.1';
  exchange.caller = caller ?? { id: '192.0.2.1', kind: 'address' };
  return exchange;
}

test('an answer that a lane refused is counted by lane and by what was full, and no other is', () => {
  const { end, cells } = recording();
  const before = cells.values.slice();
  const layout = layOutCells(measuredOf(definition.dev));
  end({ exchange: exchangeOf('search'), status: 503, shed: 'queue-full' });
  end({ exchange: exchangeOf('search'), status: 503, error: new Problem('store-unavailable') });
  const counted = layout.series
    .filter(({ metric, offset }) => metric === METRICS.shedAnswers && cells.values[offset] !== before[offset])
    .map(({ labels, offset }) => [labels, cells.values[offset]]);
  expect(counted).toEqual([[{ lane: 'critical', reason: 'queue-full' }, 1]]);
});

describe('the line of a request', () => {
  test('tells who asked for what, and how it ended, under the ids of its trace', () => {
    const { end, lines } = recording();
    end({ exchange: exchangeOf('search', { id: 'key:secret', kind: 'key', owner: 'alice', tier: 'pro' }) });
    expect(lines()).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        trace_id: TRACE,
        span_id: CALLER,
        request_id: 'req-1',
        method: 'GET',
        route: 'search',
        status: 200,
        duration_ms: 12.35,
        client: 'key',
        user_id: 'alice',
        tier: 'pro',
        msg: 'request',
      },
    ]);
  });

  test('names no user and no tier for an address, which it does not tell either', () => {
    const { end, lines } = recording();
    end({ exchange: exchangeOf('search') });
    const [line] = lines();
    expect(line).toMatchObject({ client: 'address' });
    expect(line).not.toHaveProperty('user_id');
    expect(JSON.stringify(line)).not.toMatch(/192\.0\.2\.1|private|the-secret/);
  });

  test('tells of a model what was asked for and what answered', () => {
    const { end, lines } = recording();
    const exchange = exchangeOf('chat');
    exchange.model = { asked: 'gpt-4o-mini', answered: 'gpt-4o-mini-2024-07-18' };
    end({ exchange });
    expect(lines()[0]).toMatchObject({ model: 'gpt-4o-mini', model_version: 'gpt-4o-mini-2024-07-18' });
  });

  test('is there for every failure, whatever the sampling, with why and without secrets', () => {
    const { end, lines } = recording({ linesPerSecond: 0 });
    const cause = new Error(`connect postgres://sluice:hunter2@db/x with ${SECRET}`);
    const error = new Problem('store-unavailable', { cause });
    for (let request = 0; request < 200; request++) end({ exchange: exchangeOf('search'), status: 503, error });
    end({ exchange: exchangeOf('search') });
    expect(lines()).toHaveLength(200);
    expect(lines()[0]).toMatchObject({ level: 'error', status: 503, msg: 'request failed', err: { type: 'Problem' } });
    expect(JSON.stringify(lines())).not.toMatch(/hunter2|the-secret/);
  });

  test('is that of a failure for an answer that broke off', () => {
    const { end, lines } = recording({ linesPerSecond: 0 });
    end({ exchange: exchangeOf('chat'), error: new Error('cut') });
    expect(lines()[0]).toMatchObject({ level: 'error', status: 200, err: { message: 'cut' } });
  });

  test('has the ids of the span that is kept, which is an example of its bucket', () => {
    const kept: unknown[] = [];
    const tracer = createTracer({
      sampling: { share: 0, slowMs: 1_000, askedPerSecond: 10, keptPerSecond: 10 },
      queue: { add: (spans) => kept.push(spans) },
      onDropped: () => undefined,
    });
    const { end, lines, cells } = recording({ tracer });
    for (const asked of [true, false]) {
      const exchange = exchangeOf('search');
      const headers = asked ? exchange.request.headers : {};
      exchange.trace = tracer.begin(headers, 0);
      end({ exchange });
    }
    expect(kept).toEqual([[expect.objectContaining({ traceId: TRACE, name: 'GET /v1/search' })]]);
    const [[span]] = kept as [[{ spanId: string }]];
    expect(lines()[0]).toMatchObject({ trace_id: TRACE, span_id: span.spanId });
    expect(cells.exemplars.take().map(({ traceId }) => traceId)).toEqual([TRACE]);
    expect(lines()[1]?.trace_id).not.toBe(TRACE);
  });
});
