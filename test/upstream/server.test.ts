import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startUpstream, type RunningUpstream } from '../../service/upstream/index.ts';
import { eventually } from '../support/eventually.ts';
import { ask, chatBody, eventData } from './client.ts';

type Search = {
  query: string;
  total: number;
  results: { package: string; title: string; score: number; snippet: string }[];
};
type Chunk = {
  object: string;
  choices: { delta: { role?: string; content?: string }; finish_reason: string | null }[];
  usage?: object | null;
};

describe('the sample upstream', () => {
  let upstream: RunningUpstream;
  const errors: unknown[] = [];

  beforeAll(async () => {
    upstream = await startUpstream({
      port: 0,
      chunkPauseMs: 0,
      maxBodyBytes: 4_000,
      onError: (error) => errors.push(error),
    });
    await upstream.ready;
  });

  afterAll(async () => {
    await upstream.close();
    expect(errors).toEqual([]);
  });

  const search = async (query: string): Promise<Search> => {
    const { body } = await ask(upstream.port, `/v1/search?${query}`);
    return JSON.parse(body) as Search;
  };

  test('finds the READMEs that say most about a query, the best first', async () => {
    const { query, total, results } = await search('q=rate+limit&limit=3');

    expect(query).toBe('rate limit');
    expect(total).toBeGreaterThanOrEqual(results.length);
    expect(results.length).toBeGreaterThan(0);
    for (const { snippet } of results) expect(snippet).toMatch(/rate|limit/i);
    const scores = results.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  test.each([
    ['redis client', 'ioredis'],
    ['prometheus client', 'prom-client'],
    ['json schema validator', 'ajv'],
  ])('has the package for %s among the first five', async (words, name) => {
    const { results } = await search(`q=${encodeURIComponent(words)}&limit=5`);

    expect(results.map((result) => result.package)).toContain(name);
  });

  test('an answer may be kept, and is the same the second time', async () => {
    const first = await ask(upstream.port, '/v1/search?q=logger');
    const second = await ask(upstream.port, '/v1/search?q=logger');

    expect(first.headers['cache-control']).toBe('public, max-age=300');
    expect(second.body).toBe(first.body);
  });

  test('completes a chat from the best READMEs, the same text every time, and counts', async () => {
    const [first, second] = await Promise.all(
      [1, 2].map(() => ask(upstream.port, '/v1/chat/completions', { body: chatBody('redis client') })),
    );

    const completion = JSON.parse(first?.body ?? '') as {
      object: string;
      model: string;
      choices: { message: { role: string; content: string }; finish_reason: string }[];
      usage: Record<string, number>;
    };
    expect(completion).toMatchObject({ object: 'chat.completion', model: 'test-model' });
    expect(completion.choices[0]).toMatchObject({ message: { role: 'assistant' }, finish_reason: 'stop' });
    expect(completion.choices[0]?.message.content).toContain('ioredis');
    expect((JSON.parse(second?.body ?? '') as typeof completion).choices).toEqual(completion.choices);
    const { prompt_tokens = 0, completion_tokens = 0, total_tokens } = completion.usage;
    expect(prompt_tokens).toBe(2);
    expect(completion_tokens).toBeGreaterThan(10);
    expect(total_tokens).toBe(prompt_tokens + completion_tokens);
  });

  test('streams the same text as server-sent events', async () => {
    const whole = await ask(upstream.port, '/v1/chat/completions', { body: chatBody('redis client') });
    const body = chatBody('redis client', { stream: true, stream_options: { include_usage: true } });

    const streamed = await ask(upstream.port, '/v1/chat/completions', { body });

    expect(streamed.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const data = eventData(streamed.body);
    expect(data.pop()).toBe('[DONE]');
    const chunks = data.map((line) => JSON.parse(line) as Chunk);
    expect(new Set(chunks.map(({ object }) => object))).toEqual(new Set(['chat.completion.chunk']));
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant');
    expect(chunks.at(-2)?.choices[0]).toMatchObject({ delta: {}, finish_reason: 'stop' });
    const { choices, usage } = JSON.parse(whole.body) as { choices: { message: { content: string } }[]; usage: object };
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage });
    const joined = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
    expect(joined).toBe(choices[0]?.message.content);
  });

  test('cuts an answer off at max_tokens and says so', async () => {
    const { body } = await ask(upstream.port, '/v1/chat/completions', {
      body: chatBody('redis client', { max_tokens: 3 }),
    });

    expect(JSON.parse(body)).toMatchObject({
      choices: [{ message: { content: 'The READMEs of' }, finish_reason: 'length' }],
      usage: { completion_tokens: 3 },
    });
  });

  test.each([
    ['an unknown route', '/nothing', {}, 404, 'not_found'],
    ['a wrong method', '/v1/search?q=a', { method: 'DELETE' }, 405, 'method_not_allowed'],
    ['a search for nothing', '/v1/search', {}, 400, 'invalid_query'],
    ['a limit beyond its bounds', '/v1/search?q=a&limit=51', {}, 400, 'invalid_query'],
    ['a body that is not JSON', '/v1/chat/completions', { body: '{"model":' }, 400, 'malformed_json'],
    ['a chat without messages', '/v1/chat/completions', { body: '{"model":"m"}' }, 400, 'invalid_request'],
    ['a body that is null', '/v1/chat/completions', { body: 'null' }, 400, 'invalid_request'],
    [
      'a body of a known large size',
      '/v1/chat/completions',
      { body: chatBody('x'.repeat(5_000)) },
      413,
      'body_too_large',
    ],
    [
      'a body that grows too large',
      '/v1/chat/completions',
      { body: chatBody('x'.repeat(5_000)), headers: { 'transfer-encoding': 'chunked' } },
      413,
      'body_too_large',
    ],
  ])('refuses %s', async (_what, path, options, status, code) => {
    const answer = await ask(upstream.port, path, options);

    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code, message: expect.any(String) } });
  });
});

const LONGER_THAN_A_TEST = 600_000;

describe('starting and stopping', () => {
  let modules: string;

  beforeAll(() => {
    modules = mkdtempSync(join(tmpdir(), 'sluice-test-modules-'));
    mkdirSync(join(modules, 'single'));
    writeFileSync(join(modules, 'single', 'README.md'), '# Single\n\nA redis client of many words.');
  });

  afterAll(() => rmSync(modules, { recursive: true }));

  test('lives but is not ready while it has no index', async () => {
    const upstream = await startUpstream({ port: 0, modules: '/nowhere' });
    await expect(upstream.ready).rejects.toThrow('/nowhere');

    const [live, ready, search] = await Promise.all(
      ['/livez', '/readyz', '/v1/search?q=a'].map((path) => ask(upstream.port, path)),
    );

    expect([live?.status, ready?.status, search?.status]).toEqual([200, 503, 503]);
    expect(search?.headers['retry-after']).toBe('1');
    await upstream.close();
  });

  test('lets a stream that runs finish, and takes nobody new', async () => {
    const upstream = await startUpstream({ port: 0, modules, chunkPauseMs: 20 });
    await upstream.ready;
    expect((await ask(upstream.port, '/readyz')).status).toBe(200);
    // A client that keeps its connection for as long as it may.
    const agent = new Agent({ keepAlive: true });
    const response = await beginStream(upstream.port, agent);

    const closed = upstream.close(LONGER_THAN_A_TEST);

    await eventually(() => expect(ask(upstream.port, '/livez')).rejects.toThrow('ECONNREFUSED'));
    expect(eventData(await text(response)).at(-1)).toBe('[DONE]');
    await closed;
    agent.destroy();
  });

  test('cuts a stream that outlasts the grace', async () => {
    const upstream = await startUpstream({ port: 0, modules, chunkPauseMs: 60_000 });
    await upstream.ready;
    const response = await beginStream(upstream.port);

    await upstream.close(50);

    await expect(text(response)).rejects.toThrow('aborted');
  });

  test('closes connections that stay open between requests', async () => {
    const upstream = await startUpstream({ port: 0, modules });
    const socket = connect(upstream.port, '127.0.0.1');
    socket.write('GET /livez HTTP/1.1\r\nhost: a\r\n\r\n');
    await once(socket, 'data');

    await upstream.close(LONGER_THAN_A_TEST);

    if (!socket.closed) await once(socket, 'close');
  });
});

async function beginStream(port: number, agent?: Agent): Promise<IncomingMessage> {
  const body = chatBody('redis client', { stream: true });
  const sent = request({ host: '127.0.0.1', port, path: '/v1/chat/completions', method: 'POST', agent });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}
