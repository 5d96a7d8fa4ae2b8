import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createBatchHandler } from '../../service/ai/batch-handler.ts';
import { exchangeFor } from '../app/exchange.ts';
import { model } from './ai-settings.ts';
import { startAiGateway, startProvider, type AiGateway, type Script, type ScriptedProvider } from './ai-gateway.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
type Asked = { readonly model: string; readonly messages: readonly { readonly content: string }[] };

/** Answers with the question, later the longer it is; those of `bad` fail. */
const answer: Script = (_request, response, body) => {
  const content = (JSON.parse(body) as Asked).messages[0]?.content ?? '';
  if (content === 'bad') {
    response.writeHead(500, JSON_TYPE).end('{"error":{"message":"down"}}');
    return;
  }
  const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
  setTimeout(() => response.writeHead(200, JSON_TYPE).end(JSON.stringify({ choices })), content.length);
};

let provider: ScriptedProvider;
let gateway: AiGateway;
let most = 0;
beforeAll(async () => {
  provider = await startProvider((...args) => {
    most = Math.max(most, provider.open());
    answer(...args);
  });
  const models = { m: model(1_000_000, 1_000_000), few: model(2, 1_000_000) };
  gateway = await startAiGateway(
    { p: provider },
    { providers: { p: { models } }, queue: { length: 10, maxWait: '0ms' } },
  );
});
beforeEach(() => {
  most = 0;
});
afterAll(async () => {
  await gateway.close();
  await gateway.ai.close();
  await provider.close();
});

async function post(requests: readonly object[], signal?: AbortSignal) {
  const response = await fetch(`http://127.0.0.1:${gateway.port}/v1/batch`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify({ requests }),
    ...(signal && { signal }),
  });
  type Item = {
    readonly index: number;
    readonly status: number;
    readonly body: {
      readonly choices?: readonly { readonly message: { readonly content: string } }[];
      readonly error?: { readonly code: string };
    };
  };
  const { data } = (await response.json()) as { readonly data: readonly Item[] };
  return data;
}

const ask = (content: string, more: object = {}) => ({ model: 'm', messages: [{ role: 'user', content }], ...more });

test('every question has its answer, in the order of asking, whichever is over first', async () => {
  const texts = Array.from({ length: 30 }, (_, n) => 'x'.repeat((n * 17) % 40));
  const items = await post(texts.map((text) => ask(text)));

  expect(items.map(({ index }) => index)).toEqual(texts.map((_, n) => n));
  expect(items.map(({ body }) => body.choices?.[0]?.message.content)).toEqual(texts);
});

test('no more than five are asked at once', async () => {
  await post(Array.from({ length: 20 }, () => ask('x'.repeat(20))));

  expect(most).toBe(5);
});

test('each has an error of its own, and the others their answers', async () => {
  const items = await post([
    ask('a'),
    ask('bad'),
    ask('b', { model: 'none' }),
    ask('c', { max_tokens: 1e7 }),
    ask('d'),
  ]);

  expect(items.map(({ status }) => status)).toEqual([200, 502, 404, 400, 200]);
  expect(items.map(({ body }) => body.error?.code)).toEqual([
    undefined,
    'upstream_error',
    'model_not_found',
    'context_length_exceeded',
    undefined,
  ]);
});

test('each is held to the limits of its model', async () => {
  const items = await post(['a', 'b', 'c', 'd'].map((text) => ask(text, { model: 'few' })));

  expect(items.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429]);
});

test('a client that leaves ends all of it', async () => {
  const leaving = new AbortController();
  const left = post(
    Array.from({ length: 20 }, () => ask('x'.repeat(200))),
    leaving.signal,
  ).catch(() => 'left');
  await new Promise((resolve) => setTimeout(resolve, 50));
  const asked = provider.asked.length;
  leaving.abort();

  expect(await left).toBe('left');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(provider.asked.length).toBe(asked);
  expect(provider.open()).toBe(0);
});

test('what fails inside the gateway is told to its log, and to the client without saying more', async () => {
  const error = new Error('a bug');
  const told: unknown[] = [];
  const handler = createBatchHandler({
    answer: () => Promise.reject(error),
    concurrency: 5,
    onError: (each) => told.push(each),
  });
  const exchange = exchangeFor('batch', handler, { body: { requests: [ask('a')] } });
  const reply = await handler(exchange);
  exchange.end();

  const text = reply.body as string;

  expect(told).toEqual([error]);
  expect(JSON.parse(text)).toMatchObject({
    data: [{ status: 500, body: { error: { type: 'server_error' } } }],
  });
  expect(text).not.toContain('a bug');
});
