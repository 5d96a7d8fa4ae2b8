import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startOrigin, type Origin, type Script } from '../gateway/origin.ts';
import { eventually } from '../support/eventually.ts';
import { ask } from '../support/gateway.ts';
import { startProgram, type GatewayProgram } from '../support/program.ts';

let script: Script = () => undefined;
let origin: Origin;
let gateway: GatewayProgram;
beforeAll(async () => {
  origin = await startOrigin((...parts) => script(...parts));
  gateway = await startProgram({
    values: ['limits.address=1000/min', 'routes.chat.limit=1000/min'],
    variables: { UPSTREAM_ORIGIN: origin.url, WORKERS: '1' },
  });
}, 30_000);
afterAll(async () => {
  await gateway.stop();
  origin.close();
});

const headOf = (type: string, length: number, more: readonly string[]): string =>
  ['HTTP/1.1 200 OK', `content-type: ${type}`, `content-length: ${length}`, 'connection: close', ...more, '', ''].join(
    '\r\n',
  );

/** Sends a body in pieces of so many bytes, each by itself. */
function answer(type: string, body: string, piece: number, more: readonly string[] = []): Script {
  const bytes = Buffer.from(body);
  return (socket) => {
    socket.write(headOf(type, bytes.length, more));
    let from = 0;
    const next = (): void => {
      if (from >= bytes.length || socket.destroyed) return;
      socket.write(bytes.subarray(from, (from += piece)), () => setImmediate(next));
    };
    next();
  };
}

const EVENTS = 'text/event-stream';

const chat = (stream: boolean) =>
  ask(
    gateway.port,
    'POST',
    '/v1/chat/completions',
    { 'content-type': 'application/json' },
    // With the usage that is asked for, events are nobody's to take out.
    JSON.stringify({
      ...{ model: 'm', stream, messages: [{ role: 'user', content: 'a' }] },
      ...(stream && { stream_options: { include_usage: true } }),
    }),
  );
const USAGE = '"usage":{"prompt_tokens":7,"completion_tokens":3}';

test.each<[title: string, type: string, body: string, piece: number, more: readonly string[]]>([
  [
    'events that are cut at every byte',
    EVENTS,
    `data: {"choices":[{"delta":{"content":"ä"}}]}\r\n\r\ndata: {${USAGE}}\n\n`,
    1,
    [],
  ],
  ['a line of two megabytes', EVENTS, `data: ${'x'.repeat(2 ** 21)}\n\n`, 65_536, []],
  ['events that are no JSON', EVENTS, 'data: {"usage":{"prompt_tokens":\n\ndata: }{\n\n:\n\nevent\n\n', 5, []],
  ['numbers that are none', EVENTS, 'data: {"usage":{"prompt_tokens":-1,"completion_tokens":1e999}}\n\n', 7, []],
  ['an answer of other types', 'application/json', '{"usage":[1],"choices":"none","model":{}}', 9, []],
  [
    'limits that are no numbers',
    'application/json',
    '{}',
    2,
    ['x-ratelimit-limit-requests: NaN', 'x-ratelimit-remaining-requests: -5', 'x-ratelimit-remaining-tokens: 9e99'],
  ],
])(
  'a provider that sends %s is passed on byte for byte, and counted without harm',
  async (_, type, body, piece, more) => {
    script = answer(type, body, piece, more);
    const ended = await gateway.metric('http_server_request_duration_seconds_count', 'route="chat"');
    const { status, text } = await chat(type === EVENTS);
    expect(status).toBe(200);
    expect(text).toBe(body);
    await eventually(async () =>
      expect(await gateway.metric('http_server_request_duration_seconds_count', 'route="chat"')).toBe(ended + 1),
    );
    const page = await (await fetch(`http://127.0.0.1:${gateway.opsPort}/metrics`)).text();
    const told = page.split('\n').filter((line) => /^(gen_ai|gateway_ai|gateway_provider)/.test(line));
    for (const line of told) expect(Number(line.slice(line.lastIndexOf(' ')))).toBeGreaterThanOrEqual(0);
    expect(await gateway.metric('gateway_provider_limit')).toBe(0);
    expect(await gateway.metric('gen_ai_client_token_usage_sum')).toBeLessThanOrEqual(10);
  },
);

test.each<[title: string, type: string, body: string]>([
  ['that is no JSON', 'application/json', '{"usage":{'],
  ['of HTML', 'text/html', '<html>Bad gateway</html>'],
  ['with an error inside', 'application/json', '{"error":{"message":"too much to do","code":503}}'],
  ['that is a stream of an error', EVENTS, 'data: {"error":{"message":"too much to do"}}\n\n'],
  ['of nothing', 'application/json', ''],
])('an answer of 200 %s is an error for the client, in the shape that it reads', async (_, type, body) => {
  script = answer(type, body, 100);
  const { status, text, headers } = await chat(type === EVENTS);
  expect(status).toBe(502);
  expect(headers['content-type']).toBe('application/json');
  expect(JSON.parse(text)).toMatchObject({ error: { type: 'server_error', code: 'upstream_error', param: null } });
});
