import { request, type ClientRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { firstOffer, model, offersOf } from './ai-settings.ts';
import { startAiGateway, startProvider, type AiGateway, type ScriptedProvider } from './ai-gateway.ts';
import { eventually } from '../support/eventually.ts';

/** A short answer as providers send it: comments, CRLF, several lines of data, letters of several bytes, usage. */
const RECORDED = Buffer.from(
  [
    ': processing\n\n',
    'data: {"model":"m","choices":[{"delta":{"role":"assistant","content":""}}]}\r\n\r\n',
    'event: message\nid: 1\ndata: {"choices":[{"delta":{"content":"Grüße €😀"}}]}\n\n',
    'data: {"choices":[{"delta":{"content":" b"}}],\ndata: "usage":null}\n\n',
    'data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":3}}\n\n',
    'data: [DONE]\n\n',
  ].join(''),
);
const LIMIT = 1_000_000;

let provider: ScriptedProvider;
let gateway: AiGateway;
beforeAll(async () => {
  provider = await startProvider();
  const settings = { models: { m: model(1_000_000, LIMIT) }, firstToken: '5s', betweenTokens: '5s' };
  gateway = await startAiGateway({ p: provider }, { providers: { p: settings } });
});
afterAll(async () => {
  await gateway.close();
  await gateway.ai.close();
  await provider.close();
});

const TARGET = {
  host: '127.0.0.1',
  method: 'POST',
  path: '/v1/chat/completions',
  agent: false,
  headers: { 'content-type': 'application/json' },
} as const;
const BODY = JSON.stringify({ model: 'm', stream: true, max_tokens: 100, messages: [{ role: 'user', content: 'a' }] });

/** Asks for a stream; the bytes that come, until it is over in one way or another. */
function ask(
  onBytes: (received: Buffer, asked: ClientRequest) => void,
): Promise<{ readonly bytes: Buffer; readonly isWhole: boolean }> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const asked = request({ ...TARGET, port: gateway.port }, (response) => {
      const end = (): void => resolve({ bytes, isWhole: response.complete });
      response.on('data', (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk]);
        onBytes(bytes, asked);
      });
      response.on('end', end).on('error', end).on('close', end);
    });
    asked.on('error', () => resolve({ bytes, isWhole: false }));
    asked.end(BODY);
  });
}

/** Tokens that are left of the model's limit now. */
async function left(): Promise<number> {
  const { limits } = firstOffer(offersOf(gateway.service.ai), 'm');
  const verdict = gateway.limits.reserve('test', limits, [1, 1]);
  verdict.settle([0, 0]);
  return Promise.resolve((verdict.remaining[1] ?? 0) + 1);
}

const isFree = () =>
  eventually(async () => {
    expect(provider.open()).toBe(0);
    expect(gateway.lanes.measure().streams).toBe(0);
    expect(gateway.lanes.measure().lanes.critical.working).toBe(0);
    expect(await left()).toBeGreaterThan(LIMIT / 2);
  });

describe('a stream', () => {
  test('comes byte for byte, without the usage that nobody asked for, cut wherever it may be', async () => {
    const usage = RECORDED.indexOf('data: {"choices":[],"usage"');
    const done = RECORDED.indexOf('data: [DONE]');
    const expected = Buffer.concat([RECORDED.subarray(0, usage), RECORDED.subarray(done)]).toString();
    for (let border = 1; border < RECORDED.length; border++) {
      const before = await left();
      provider.script = (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(RECORDED.subarray(0, border), () => setImmediate(() => response.end(RECORDED.subarray(border))));
      };
      const { bytes, isWhole } = await ask(() => undefined);
      expect({ border, text: bytes.toString(), isWhole }).toEqual({ border, text: expected, isWhole: true });
      expect(before - (await left())).toBe(8);
    }
  }, 60_000);

  test('that the provider cuts is no whole one for the client, and frees its place, wherever that is', async () => {
    for (let border = 1; border < RECORDED.length; border++) {
      provider.script = (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(RECORDED.subarray(0, border), () => setImmediate(() => response.destroy()));
      };
      const { isWhole } = await ask(() => undefined);
      expect({ border, isWhole }).toEqual({ border, isWhole: false });
    }
    await isFree();
  }, 60_000);

  test('whose client leaves ends at the provider, and frees its place, wherever that is', async () => {
    for (let border = 0; border < RECORDED.length; border++) {
      provider.script = (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
        if (border > 0) response.write(RECORDED.subarray(0, border));
      };
      // What is held until its event is whole does not reach the client: it leaves by the provider's word.
      const leaving = new AbortController();
      const asked = request({ ...TARGET, port: gateway.port, signal: leaving.signal });
      asked.on('error', () => undefined).end(BODY);
      await eventually(() => expect(provider.open()).toBe(1), 5_000, 1);
      const leftAt = performance.now();
      leaving.abort();
      await eventually(() => expect(provider.open()).toBe(0), 5_000, 1);
      expect(gateway.lanes.measure().streams).toBe(0);
      // Promised are 100 ms; the machine of a test may be busy with others.
      expect(performance.now() - leftAt).toBeLessThan(1_000);
    }
    await isFree();
  }, 120_000);
});
