import { beforeEach, describe, expect, test } from '@jest/globals';
import { createModelMeter, type ModelCall } from '../../service/ai/model-meter.ts';
import { watchStream } from '../../service/ai/stream-watch.ts';
import { findUsage } from '../../service/ai/usage.ts';
import type { RelayTap } from '../../service/gateway/relay.ts';
import { METRICS, type Metric } from '../../service/telemetry/catalogue.ts';
import { Cells, layOutCells, type Labels } from '../../service/telemetry/cells.ts';

const layout = layOutCells({ routes: [], lanes: [], limits: [], breakers: [], models: ['small', 'dear'] });
const limits = { requests: '1/s', tokens: '1/s', context: 1 } as const;
const PRICES: Readonly<Record<string, { readonly inputPrice: number; readonly outputPrice: number }>> = {
  small: { inputPrice: 0.5, outputPrice: 2 },
  dear: { inputPrice: 1000, outputPrice: 4000 },
};
const FREE = { inputPrice: 0, outputPrice: 0 };

let cells: Cells;
let time: number;
let meter: ReturnType<typeof createModelMeter>;
beforeEach(() => {
  cells = new Cells(layout);
  time = 1_000;
  meter = createModelMeter({ cells, models: Object.keys(PRICES), now: () => time });
});

/** A counter's or gauge's value; of a histogram how many and their sum. */
function value(metric: Metric, labels: Labels = {}): { count: number; sum: number } {
  const series = layout.series.find((each) => each.metric === metric && isSame(each.labels, labels));
  const at = series?.offset ?? Number.NaN;
  const buckets = metric.buckets?.length;
  if (buckets === undefined) return { count: cells.values[at] ?? Number.NaN, sum: Number.NaN };
  const count = cells.values.subarray(at, at + buckets + 1).reduce((sum, each) => sum + each, 0);
  return { count, sum: cells.values[at + buckets + 1] ?? Number.NaN };
}

const isSame = (a: Labels, b: Labels): boolean => JSON.stringify(a) === JSON.stringify(b);

/** A call whose request began 20 ms before and whose head came 100 ms after it was asked. */
function begin(model = 'small', headers: Record<string, string> = {}): ModelCall {
  const prices = Object.hasOwn(PRICES, model) ? PRICES[model] : FREE;
  const call = meter.begin({ model, settings: { ...limits, ...(prices ?? FREE) } }, time - 20);
  time += 100;
  call.onHead(headers);
  return call;
}

/** Who looks on while a stream of a call comes. */
function watch(call: ModelCall): RelayTap {
  call.onStream();
  return watchStream({ now: () => time, onFirst: () => call.onFirstToken(), onEnd: (end) => call.onStreamEnd(end) });
}

const event = (data: unknown): Buffer =>
  Buffer.from(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
const delta = (content: string): Buffer => event({ choices: [{ delta: { content } }] });
const usage = (input: number, output: number) => ({
  usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
});

describe('a whole answer', () => {
  test('is told with its time, its tokens, its cost and what the gateway added', () => {
    const call = begin();
    time += 50;
    call.onWhole(findUsage(Buffer.from(JSON.stringify({ choices: [], ...usage(1_000, 500) }))));
    expect(value(METRICS.aiDuration, { model: 'small' })).toEqual({ count: 1, sum: 0.15 });
    expect(value(METRICS.aiTokens, { model: 'small', token_type: 'input' })).toEqual({ count: 1, sum: 1_000 });
    expect(value(METRICS.aiTokens, { model: 'small', token_type: 'output' })).toEqual({ count: 1, sum: 500 });
    expect(value(METRICS.aiCost, { model: 'small' }).count).toBeCloseTo(0.0015, 12);
    expect(value(METRICS.aiOverhead)).toEqual({ count: 1, sum: 0.02 });
    expect(value(METRICS.aiFirstToken, { model: 'small' }).count).toBe(0);
  });

  test.each([['unknown'], ['other'], ['__proto__'], ['constructor'], ['']])(
    'of the model %p counts as other, and costs nothing',
    (model) => {
      begin(model).onWhole(findUsage(Buffer.from(JSON.stringify(usage(3, 5)))));
      expect(value(METRICS.aiTokens, { model: 'other', token_type: 'output' })).toEqual({ count: 1, sum: 5 });
      expect(value(METRICS.aiCost, { model: 'other' }).count).toBe(0);
    },
  );

  test.each(['', 'null', '[]', '"usage"', '{"usage":{"prompt_tokens":-1,"completion_tokens":null}}', '{"usage":{'])(
    '%p tells no tokens and is no failure',
    (body) => {
      begin().onWhole(findUsage(Buffer.from(body)));
      expect(value(METRICS.aiDuration, { model: 'small' }).count).toBe(1);
      expect(value(METRICS.aiTokens, { model: 'small', token_type: 'input' }).count).toBe(0);
    },
  );
});

describe('a stream', () => {
  test('is told with its first token, the time for the others, its tokens and its cost', () => {
    const tap = watch(begin('dear'));
    tap.write(event({ choices: [{ delta: { role: 'assistant', content: '' } }] }));
    time += 200;
    for (const content of ['a', 'b', 'c']) {
      tap.write(delta(content));
      time += 10;
    }
    tap.write(event({ choices: [], ...usage(7, 3) }));
    tap.write(event('[DONE]'));
    tap.end();
    expect(value(METRICS.aiFirstToken, { model: 'dear' })).toEqual({ count: 1, sum: 0.3 });
    expect(value(METRICS.aiPerToken, { model: 'dear' })).toEqual({ count: 1, sum: 0.01 });
    expect(value(METRICS.aiDuration, { model: 'dear' })).toEqual({ count: 1, sum: 0.33 });
    expect(value(METRICS.aiTokens, { model: 'dear', token_type: 'input' })).toEqual({ count: 1, sum: 7 });
    expect(value(METRICS.aiTokens, { model: 'dear', token_type: 'output' })).toEqual({ count: 1, sum: 3 });
    expect(value(METRICS.aiCost, { model: 'dear' }).count).toBeCloseTo(0.019, 12);
    expect(value(METRICS.aiOverhead)).toEqual({ count: 1, sum: 0.02 });
  });

  test('with a usage in each event counts the last alone', () => {
    const tap = watch(begin());
    tap.write(event({ choices: [{ delta: { content: 'a' } }], ...usage(7, 1) }));
    tap.write(event({ choices: [{ delta: { content: 'b' } }], ...usage(7, 2) }));
    tap.end();
    expect(value(METRICS.aiTokens, { model: 'small', token_type: 'output' })).toEqual({ count: 1, sum: 2 });
  });

  test('that tells no usage counts its events for the time of each, and no tokens', () => {
    const tap = watch(begin());
    for (const content of ['a', 'b', 'c']) {
      tap.write(delta(content));
      time += 30;
    }
    tap.end();
    expect(value(METRICS.aiPerToken, { model: 'small' })).toEqual({ count: 1, sum: 0.03 });
    expect(value(METRICS.aiTokens, { model: 'small', token_type: 'output' }).count).toBe(0);
  });

  test('that breaks off counts its first token and what it said that it used, and no duration', () => {
    const tap = watch(begin());
    tap.write(event({ choices: [{ delta: { content: 'a' } }], ...usage(7, 1) }));
    tap.fail(new Error('reset'));
    expect(value(METRICS.aiFirstToken, { model: 'small' }).count).toBe(1);
    expect(value(METRICS.aiTokens, { model: 'small', token_type: 'output' })).toEqual({ count: 1, sum: 1 });
    expect(value(METRICS.aiDuration, { model: 'small' }).count).toBe(0);
  });

  test.each<[title: string, chunk: Buffer]>([
    ['a line of a megabyte', Buffer.from(`data: ${'x'.repeat(2 ** 20)}`)],
    ['bytes that are no text', Buffer.from(Array.from({ length: 4_096 }, (_, index) => index % 256))],
    ['JSON that ends early', Buffer.from('data: {"usage":{"prompt_tokens":\n\n')],
    ['numbers that are none', event('{"usage":{"prompt_tokens":"7","completion_tokens":{}}}')],
    ['numbers below zero and without end', event('{"usage":{"prompt_tokens":-7,"completion_tokens":1e999}}')],
    ['values of other types', event('{"usage":{},"choices":7,"delta":null}')],
    ['a hundred thousand empty lines', Buffer.from('\n'.repeat(100_000))],
  ])('of %s is no failure and tells no tokens', (_, chunk) => {
    const tap = watch(begin());
    tap.write(chunk);
    tap.write(Buffer.from('\n\n'));
    tap.end();
    expect(value(METRICS.aiTokens, { model: 'small', token_type: 'input' }).count).toBe(0);
    expect(value(METRICS.aiTokens, { model: 'small', token_type: 'output' }).count).toBe(0);
    expect([...cells.values].every(Number.isFinite)).toBe(true);
  });
});

describe('what the provider admits', () => {
  test('is what its last answer said', () => {
    begin('small', { 'x-ratelimit-limit-requests': '500', 'x-ratelimit-remaining-requests': '499' });
    begin('small', { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-limit-tokens': '1000000' });
    expect(value(METRICS.providerLimit, { model: 'small', resource: 'requests' }).count).toBe(500);
    expect(value(METRICS.providerRemaining, { model: 'small', resource: 'requests' }).count).toBe(0);
    expect(value(METRICS.providerLimit, { model: 'small', resource: 'tokens' }).count).toBe(1_000_000);
  });

  test.each(['', '-1', 'NaN', '1e9', '5, 7', '9'.repeat(400), 'many', '1.5'])('%p is not believed', (text) => {
    begin('small', { 'x-ratelimit-remaining-tokens': '7' });
    begin('small', { 'x-ratelimit-remaining-tokens': text });
    expect(value(METRICS.providerRemaining, { model: 'small', resource: 'tokens' }).count).toBe(7);
  });
});
