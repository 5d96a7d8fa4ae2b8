import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import OpenAI, { APIError, AuthenticationError, BadRequestError, NotFoundError, RateLimitError } from 'openai';
import { startUpstream, type RunningUpstream } from '../../service/upstream/index.ts';
import { eventually } from '../support/eventually.ts';
import { startProgram, type GatewayProgram } from '../support/program.ts';

let upstream: RunningUpstream;
let gateway: GatewayProgram;
beforeAll(async () => {
  upstream = await startUpstream({ port: 0, chunkPauseMs: 1 });
  await upstream.ready;
  gateway = await startProgram({
    values: ['limits.address=100000/min', 'routes.chat.limit=100000/min', 'routes.responses.limit=100000/min'],
    variables: { UPSTREAM_ORIGIN: `http://127.0.0.1:${upstream.port}`, WORKERS: '1' },
  });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await upstream.close(0);
});

const clientAt = (port: number, options: { apiKey?: string; maxRetries?: number } = {}): OpenAI =>
  new OpenAI({
    baseURL: `http://127.0.0.1:${port}/v1`,
    apiKey: options.apiKey ?? 'none',
    maxRetries: options.maxRetries ?? 0,
    // Who shows no key is known by the address.
    ...(options.apiKey === undefined && { defaultHeaders: { Authorization: null } }),
  });

/** The same of both: what differs from one call to the next is left out. */
function alike(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (name, each: unknown) =>
      ['id', 'item_id', 'created', 'created_at', '_request_id'].includes(name) ? undefined : each,
    ),
  );
}

const messages = [{ role: 'user' as const, content: 'What is a rate limit?' }];
const tools = [
  {
    type: 'function' as const,
    function: { name: 'search', parameters: { type: 'object', properties: { query: { type: 'string' } } } },
  },
];

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

const CALLS: readonly (readonly [title: string, call: (client: OpenAI) => Promise<unknown>])[] = [
  ['a chat', (client) => client.chat.completions.create({ model: 'sample', messages })],
  [
    'a chat with several answers, a bound and a stop',
    (client) =>
      client.chat.completions.create({ model: 'sample', messages, n: 3, max_completion_tokens: 7, stop: ['is'] }),
  ],
  [
    'a chat in JSON',
    (client) => client.chat.completions.create({ model: 'sample', messages, response_format: { type: 'json_object' } }),
  ],
  ['a call of a tool', (client) => client.chat.completions.create({ model: 'sample', messages, tools })],
  [
    'a stream',
    async (client) =>
      all(await client.chat.completions.create({ model: 'sample', messages, stream: true, max_completion_tokens: 20 })),
  ],
  [
    'a stream with its usage',
    async (client) =>
      all(
        await client.chat.completions.create({
          model: 'sample',
          messages,
          stream: true,
          max_completion_tokens: 20,
          stream_options: { include_usage: true },
        }),
      ),
  ],
  [
    'a stream of a call of a tool',
    async (client) => all(await client.chat.completions.create({ model: 'sample', messages, tools, stream: true })),
  ],
  ['a response', (client) => client.responses.create({ model: 'sample', input: 'What is a rate limit?' })],
  [
    'a stream of a response',
    async (client) =>
      all(await client.responses.create({ model: 'sample', input: 'What is a rate limit?', stream: true })),
  ],
  ['embeddings', (client) => client.embeddings.create({ model: 'sample', input: ['one', 'two words'], dimensions: 8 })],
];

describe('the official client gets of the gateway what it gets of the provider', () => {
  test.each(CALLS)('%s', async (_title, call) => {
    const direct = await call(clientAt(upstream.port));
    const through = await call(clientAt(gateway.port));
    // A stream whose usage was forced has an empty one in each event.
    const without = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(alike(value)).replaceAll(',"usage":null', ''));
    expect(without(through)).toEqual(without(direct));
    expect(JSON.stringify(through).length).toBeGreaterThan(100);
  });

  test('the names of its models', async () => {
    const names = (await all(await clientAt(gateway.port).models.list())).map(({ id }) => id);
    expect(names).toEqual(['sample']);
  });
});

describe('the official client throws', () => {
  const ask = (model: string, more: object = {}, options = {}) =>
    clientAt(gateway.port, options).chat.completions.create({ model, messages, ...more });
  const thrown = async (asked: Promise<unknown>): Promise<APIError> => {
    try {
      await asked;
    } catch (error) {
      if (error instanceof APIError) return error;
      throw error;
    }
    throw new Error('nothing was thrown');
  };

  test('what is wrong with a question, and where', async () => {
    const error = await thrown(ask('sample', { messages: [{ content: 'a' }] }));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      code: 'invalid_value',
      param: 'messages[0]',
    });
    expect(error.message).toContain("must have required property 'role'");
  });

  test.each([
    ['less than a token', { max_tokens: -1 }],
    ['more tokens than any model has', { max_tokens: 10_000_001 }],
    ['a tool without a name', { tools: [{ type: 'function', function: {} }] }],
    ['parts without a type', { messages: [{ role: 'user', content: [{ text: 'a' }] }] }],
    ['a temperature that is a text', { temperature: 'hot' }],
  ])('a bad request for %s', async (_title, more) => {
    expect(await thrown(ask('sample', more))).toBeInstanceOf(BadRequestError);
  });

  test('that an answer is longer than the model has', async () => {
    const error = await thrown(ask('sample', { max_tokens: 1_000_000 }));
    expect(error).toMatchObject({ status: 400, code: 'context_length_exceeded' });
  });

  test('that a key is not known', async () => {
    const error = await thrown(ask('sample', {}, { apiKey: 'sk-nobody-knows-this-one' }));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ code: 'invalid_api_key', type: 'authentication_error' });
  });

  test('what the provider says of its limits, with the time to wait', async () => {
    const error = await thrown(ask('sample:rate-limit'));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error.headers?.get('retry-after-ms')).toBe('250');
  });

  test.each(['sample:fail', 'sample:html', 'sample:error-in-200', 'sample:cut'])(
    'that the provider failed, of %s',
    async (model) => {
      const error = await thrown(ask(model));
      expect(error).toMatchObject({ status: 502, type: 'server_error', code: 'upstream_error' });
    },
  );

  test('that there is no such path', async () => {
    await expect(clientAt(gateway.port).post('/nothing', { body: {} })).rejects.toBeInstanceOf(NotFoundError);
  });
});

describe('a stream', () => {
  test('of which the client has enough ends at the provider too', async () => {
    const connections = async () => gateway.metric('gateway_upstream_connections', 'pool="stream",state="busy"');
    const stream = await clientAt(gateway.port).chat.completions.create({
      model: 'sample:slow',
      messages,
      stream: true,
    });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    stream.controller.abort();
    await eventually(async () => expect(await gateway.metric('gateway_streams')).toBe(0));
    expect(connections).toBeDefined();
  });

  test('that is cut by the provider is an error, not an end', async () => {
    const stream = await clientAt(gateway.port).chat.completions.create({
      model: 'sample:cut',
      messages,
      stream: true,
    });
    const parts: string[] = [];
    await expect(
      (async () => {
        for await (const chunk of stream) parts.push(chunk.choices[0]?.delta.content ?? '');
      })(),
    ).rejects.toThrow();
    expect(parts.join('').length).toBeGreaterThan(10);
  });
});
