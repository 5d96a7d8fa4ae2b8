import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createAnswerCache, createMemorySharedTier } from '../../service/cache/index.ts';
import { definition } from '../../service/definition/index.ts';
import { model } from './ai-settings.ts';
import { startAiGateway, startProvider, type AiGateway, type Script, type ScriptedProvider } from './ai-gateway.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const WHOLE = {
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'an answer' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 5, completion_tokens: 2 },
};
const EVENTS = [
  '{"id":"c","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"an "}}]}',
  '{"id":"c","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"answer"},"finish_reason":"stop"}]}',
  '{"id":"c","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}',
  '[DONE]',
].map((data) => `data: ${data}\n\n`);

const answer: Script = (_request, response, body) => {
  if ((JSON.parse(body) as { stream?: boolean }).stream !== true)
    response.writeHead(200, JSON_TYPE).end(JSON.stringify(WHOLE));
  else response.writeHead(200, { 'content-type': 'text/event-stream' }).end(EVENTS.join(''));
};

let provider: ScriptedProvider;
let gateway: AiGateway;
let cache: ReturnType<typeof createAnswerCache>;
const QUESTION = { model: 'm', temperature: 0, messages: [{ role: 'user', content: 'a' }] };

async function start(settings: object): Promise<void> {
  provider = await startProvider(answer);
  cache = createAnswerCache({
    settings: definition.dev.cache,
    maxBytes: 1 << 20,
    shared: createMemorySharedTier({ maxBytes: 1 << 20 }),
    onError: (error) => {
      throw error;
    },
  });
  const providers = { p: { models: { m: model(1_000_000, 1_000_000_000), other: model(1_000, 1_000_000) } } };
  gateway = await startAiGateway({ p: provider }, { providers, cache: settings }, { cache });
}

async function stop(): Promise<void> {
  await gateway.close();
  await gateway.ai.close();
  await provider.close();
}

/** Asks, and says whether the answer was kept. */
async function ask(
  changes: object = {},
): Promise<{ readonly kept: boolean; readonly text: string; readonly type: string }> {
  const response = await fetch(`http://127.0.0.1:${gateway.port}/v1/chat/completions`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify({ ...QUESTION, ...changes }),
  });
  const text = await response.text();
  // What has come is kept a moment later.
  await new Promise((resolve) => setTimeout(resolve, 5));
  return {
    kept: response.headers.get('x-cache') === 'HIT',
    text,
    type: response.headers.get('content-type') ?? '',
  };
}

describe('answers of chats', () => {
  beforeAll(() => start({ lifetime: '1h', sampled: false }));
  afterAll(stop);
  beforeEach(() => {
    provider.script = answer;
    provider.asked.length = 0;
  });
  const asker = (() => {
    let n = 0;
    return () => ({ seed: n++ });
  })();

  test('are given again byte for byte, whatever the order of the fields, and nobody is asked', async () => {
    const own = asker();
    const first = await ask(own);
    const again = await ask({ messages: QUESTION.messages, ...own, user: 'another', model: 'm' });

    expect([first.kept, again.kept]).toEqual([false, true]);
    expect(again.text).toBe(JSON.stringify(WHOLE));
    expect(provider.asked).toHaveLength(1);
  });

  test('come as a stream to who asks for one, with the usage to who asks for that', async () => {
    const own = asker();
    await ask(own);
    const stream = await ask({ ...own, stream: true });
    const withUsage = await ask({ ...own, stream: true, stream_options: { include_usage: true } });

    expect([stream.kept, stream.type]).toEqual([true, 'text/event-stream']);
    expect(stream.text).toContain('"content":"an answer"');
    expect(stream.text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(stream.text).not.toContain('usage');
    expect(withUsage.text).toContain('"completion_tokens":2');
    expect(provider.asked).toHaveLength(1);
  });

  test('that came as a stream are given whole', async () => {
    const own = asker();
    await ask({ ...own, stream: true });
    const whole = await ask(own);

    expect(whole.kept).toBe(true);
    expect(JSON.parse(whole.text)).toMatchObject({
      object: 'chat.completion',
      choices: WHOLE.choices,
      usage: WHOLE.usage,
    });
  });

  test.each([
    ['another model', { model: 'other' }],
    ['another message', { messages: [{ role: 'user', content: 'b' }] }],
    ['a field more', { max_tokens: 9 }],
  ])('are not those of %s', async (_what, change) => {
    const own = asker();
    await ask(own);

    expect((await ask({ ...own, ...change })).kept).toBe(false);
  });

  test.each([
    ['a temperature', { temperature: 0.5 }],
    ['none, which is 1', { temperature: undefined }],
  ])('with %s are another each time, and not kept', async (_what, change) => {
    const own = asker();
    await ask({ ...own, ...change });

    expect((await ask({ ...own, ...change })).kept).toBe(false);
  });

  test.each<[string, boolean, Script]>([
    ['an error', false, (_request, response) => response.writeHead(500, JSON_TYPE).end('{"error":{}}')],
    [
      'an error in 200',
      false,
      (_request, response) => response.writeHead(200, JSON_TYPE).end('{"error":{"message":"a"}}'),
    ],
    [
      'one that never finished',
      false,
      (_request, response) =>
        response
          .writeHead(200, JSON_TYPE)
          .end(JSON.stringify({ ...WHOLE, choices: [{ ...WHOLE.choices[0], finish_reason: null }] })),
    ],
    [
      'a stream that was cut',
      true,
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(EVENTS[0]);
        setTimeout(() => response.destroy(), 10);
      },
    ],
    [
      'a stream without its end',
      true,
      (_request, response) =>
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end(EVENTS.slice(0, 2).join('')),
    ],
  ])('are not kept of %s', async (_what, stream, script) => {
    const own = asker();
    provider.script = script;
    await ask({ ...own, stream }).catch(() => undefined);
    provider.script = answer;

    expect((await ask(own)).kept).toBe(false);
  });
});

test('any answer will do where the settings say so', async () => {
  await start({ lifetime: '1h', sampled: true });
  await ask({ temperature: undefined });

  expect((await ask({ temperature: undefined })).kept).toBe(true);
  await stop();
});

test('each tenant has its own', async () => {
  await start({ lifetime: '1h', sampled: false });
  const { createKeptAnswers } = await import('../../service/ai/kept-answers.ts');
  const { Cells, layOutCells } = await import('../../service/telemetry/cells.ts');
  const cells = new Cells(layOutCells({ routes: [], lanes: [], limits: [], breakers: [] }));
  const kept = createKeptAnswers({ settings: { lifetime: '1h', sampled: false }, cache, cells });
  const placeOf = (caller: object) =>
    kept.placeOf({
      caller: { kind: 'key', id: 'key:1', ...caller } as never,
      model: 'm',
      body: QUESTION,
      stream: false,
      wantsUsage: false,
    });
  placeOf({ owner: 'ada' })?.keep(Buffer.from(JSON.stringify(WHOLE)));

  expect(await placeOf({ owner: 'ada', id: 'key:2' })?.find()).toBeDefined();
  expect(await placeOf({ owner: 'bob' })?.find()).toBeUndefined();
  expect(await placeOf({ kind: 'address', id: '192.0.2.1' })?.find()).toBeUndefined();
  expect(placeOf({ kind: 'probe' })).toBeUndefined();
  await stop();
});
