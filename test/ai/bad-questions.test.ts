import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { firstOffer, model, offersOf } from './ai-settings.ts';
import { startAiGateway, startProvider, type AiGateway, type ScriptedProvider } from './ai-gateway.ts';

let provider: ScriptedProvider;
let gateway: AiGateway;
const LIMIT = 1_000_000;
beforeAll(async () => {
  provider = await startProvider((_request, response) => response.writeHead(500).end());
  const models = { m: model(LIMIT, LIMIT, { context: 10_000, answer: 4_000 }) };
  gateway = await startAiGateway({ p: provider }, { providers: { p: { models } } });
});
afterAll(async () => {
  await gateway.close();
  await gateway.ai.close();
  await provider.close();
});

const messages = [{ role: 'user', content: 'a' }];
const image = (url: string) => [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }];
const nested = (depth: number): unknown => (depth === 0 ? 'a' : [nested(depth - 1)]);
const chat = (more: object = {}): string => JSON.stringify({ model: 'm', messages, ...more });
const CHAT = '/v1/chat/completions';

async function post(path: string, body: string | Buffer) {
  const response = await fetch(`http://127.0.0.1:${gateway.port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const { error } = (await response.json()) as {
    readonly error?: {
      readonly message: string;
      readonly type: string;
      readonly code: string;
      readonly param: unknown;
    };
  };
  return { status: response.status, ...error };
}

test.each<[what: string, path: string, body: string | Buffer, status: number, code: string, says: RegExp]>([
  ['a model that nobody has', CHAT, chat({ model: 'gpt-9' }), 404, 'model_not_found', /'gpt-9'/],
  [
    'a question beyond the context',
    CHAT,
    chat({ messages: [{ role: 'user', content: 'word '.repeat(60_000) }] }),
    400,
    'context_length_exceeded',
    /takes 10000/,
  ],
  [
    'an answer beyond the longest',
    CHAT,
    chat({ max_tokens: 4_001 }),
    400,
    'context_length_exceeded',
    /have 4000 at most/,
  ],
  [
    'the same in all of several answers',
    CHAT,
    chat({ max_tokens: 2_001, n: 2 }),
    400,
    'context_length_exceeded',
    /4002 tokens/,
  ],
  ['a negative bound', CHAT, chat({ max_tokens: -1 }), 400, 'invalid_value', /max_tokens/],
  ['an absurd bound', CHAT, chat({ max_completion_tokens: 1e15 }), 400, 'invalid_value', /max_completion_tokens/],
  ['a bound that is no whole number', CHAT, chat({ max_tokens: 1.5 }), 400, 'invalid_value', /max_tokens/],
  ['too many answers', CHAT, chat({ n: 129 }), 400, 'invalid_value', /\bn\b/],
  ['a heat beyond the hottest', CHAT, chat({ temperature: 2.1 }), 400, 'invalid_value', /temperature/],
  ['no messages', CHAT, chat({ messages: [] }), 400, 'invalid_value', /messages/],
  ['a message of nobody', CHAT, chat({ messages: [{ content: 'a' }] }), 400, 'invalid_value', /messages\[0\]/],
  [
    'content of no kind',
    CHAT,
    chat({ messages: [{ role: 'user', content: 7 }] }),
    400,
    'invalid_value',
    /messages\[0\]\.content/,
  ],
  [
    'a part without its kind',
    CHAT,
    chat({ messages: [{ role: 'user', content: [{ text: 'a' }] }] }),
    400,
    'invalid_value',
    /messages\[0\]\.content/,
  ],
  ['a tool without its kind', CHAT, chat({ tools: [{ function: { name: 'a' } }] }), 400, 'invalid_value', /tools\[0\]/],
  [
    'a tool without a name',
    CHAT,
    chat({ tools: [{ type: 'function', function: {} }] }),
    400,
    'invalid_value',
    /tools\[0\]\.function/,
  ],
  [
    'a tool whose schema is none',
    CHAT,
    chat({ tools: [{ type: 'function', function: { name: 'a', parameters: 'b' } }] }),
    400,
    'invalid_value',
    /parameters/,
  ],
  [
    'an image that is not base64',
    CHAT,
    chat({ messages: image('data:image/png;base64,###') }),
    400,
    'invalid_value',
    /messages\[0\]\.content\[0\]\.image_url\.url is not base64/,
  ],
  [
    'an image of 50 MB',
    CHAT,
    chat({ messages: image(`data:image/png;base64,${'A'.repeat(50 * 2 ** 20)}`) }),
    413,
    'request_too_large',
    /smaller/,
  ],
  [
    'a text with a NUL',
    CHAT,
    chat({ messages: [{ role: 'user', content: 'a\0b' }] }),
    400,
    'invalid_value',
    /messages\[0\]\.content has a NUL/,
  ],
  ['levels without end', CHAT, chat({ metadata: nested(200) }), 400, 'invalid_value', /deeper than 64/],
  ['levels beyond any stack', CHAT, `{"model":"m","messages":${'['.repeat(200_000)}`, 400, 'invalid_json', /JSON/],
  [
    'a schema with levels without end',
    CHAT,
    chat({ response_format: { type: 'json_schema', json_schema: { name: 'a', schema: nested(100) } } }),
    400,
    'invalid_value',
    /deeper/,
  ],
  [
    'bytes that are no UTF-8',
    CHAT,
    Buffer.concat([
      Buffer.from('{"model":"m","messages":[{"role":"user","content":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}]}'),
    ]),
    400,
    'invalid_json',
    /UTF-8|JSON/,
  ],
  [
    'two names of a model',
    CHAT,
    '{"model":"m","model":"n","messages":[{"role":"user","content":"a"}]}',
    400,
    'invalid_value',
    /model is given twice/,
  ],
  [
    'half a letter in a name',
    CHAT,
    '{"model":"\\ud800{","messages":[{"role":"user","content":"a"}]}',
    400,
    'invalid_value',
    /model has half of a letter/,
  ],
  ['a list in the place of an object', CHAT, '[]', 400, 'invalid_value', /body/],
  ['nothing to embed', '/v1/embeddings', JSON.stringify({ model: 'm', input: [] }), 400, 'invalid_value', /input/],
  [
    'a form that no number has',
    '/v1/embeddings',
    JSON.stringify({ model: 'm', input: 'a', encoding_format: 'hex' }),
    400,
    'invalid_value',
    /encoding_format/,
  ],
  ['an input of no kind', '/v1/responses', JSON.stringify({ model: 'm', input: 7 }), 400, 'invalid_value', /input/],
  ['a batch of nothing', '/v1/batch', '{"requests":[]}', 400, 'invalid_value', /requests/],
  [
    'a batch with a stream',
    '/v1/batch',
    JSON.stringify({ requests: [{ model: 'm', messages, stream: true }] }),
    400,
    'invalid_value',
    /requests\[0\]\.stream/,
  ],
])(
  '%s is refused in words, with the status of its kind, and asked of nobody',
  async (_what, path, body, status, code, says) => {
    const asked = provider.asked.length;
    const told = await post(path, body);

    expect(told).toMatchObject({ status, code, type: 'invalid_request_error' });
    expect(told.message).toMatch(says);
    expect(provider.asked).toHaveLength(asked);
    const { limits } = firstOffer(offersOf(gateway.service.ai), 'm');
    const verdict = gateway.limits.reserve('test', limits, [1, 1]);
    verdict.settle([0, 0]);
    expect(verdict.remaining[1]).toBe(LIMIT - 1);
  },
);

test.each([{ max_output_tokens: -1_000_000_000 }, { max_tokens: 100, max_output_tokens: -5 }])(
  'a bound that this route does not know, %p, lends nobody tokens',
  async (fields) => {
    await post(CHAT, chat(fields));
    const { limits } = firstOffer(offersOf(gateway.service.ai), 'm');
    const verdict = gateway.limits.reserve('test', limits, [1, 1]);
    verdict.settle([0, 0]);

    expect(verdict.remaining[1]).toBeLessThanOrEqual(LIMIT - 1);
  },
);
