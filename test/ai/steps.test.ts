import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { firstOffer, model, offersOf } from './ai-settings.ts';
import { startAiGateway, startProvider, type AiGateway, type Script, type ScriptedProvider } from './ai-gateway.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const STREAM_TYPE = { 'content-type': 'text/event-stream' };
const usage = { prompt_tokens: 2, completion_tokens: 3 };
const says =
  (text: string, afterMs = 0): Script =>
  (_request, response) => {
    const choices = [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }];
    setTimeout(() => response.writeHead(200, JSON_TYPE).end(JSON.stringify({ choices, usage })), afterMs).unref();
  };
const fails: Script = (_request, response) => response.writeHead(500, JSON_TYPE).end('{"error":{"message":"down"}}');
const LIMIT = 1_000_000;

let gateway: AiGateway;
let providers: Record<string, ScriptedProvider> = {};

async function start(
  scripts: Readonly<Record<string, Script>>,
  settings: object,
  admits: Record<string, number> = {},
): Promise<void> {
  const entries = await Promise.all(
    Object.entries(scripts).map(async ([id, script]) => [id, await startProvider(script)] as const),
  );
  providers = Object.fromEntries(entries);
  const rows = Object.keys(scripts).map((id) => [id, { models: { m: model(admits[id] ?? LIMIT, LIMIT) } }] as const);
  gateway = await startAiGateway(providers, { providers: Object.fromEntries(rows), ...settings });
}

afterEach(async () => {
  await gateway.close();
  await gateway.ai.close();
  for (const provider of Object.values(providers)) await provider.close();
});

async function ask(headers: Readonly<Record<string, string>> = {}, more: object = {}) {
  const response = await fetch(`http://127.0.0.1:${gateway.port}/v1/chat/completions`, {
    method: 'POST',
    headers: { ...JSON_TYPE, ...headers },
    body: JSON.stringify({ model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'a' }], ...more }),
  });
  const body = (await response.json()) as {
    readonly choices?: readonly { readonly message: { readonly content: string } }[];
    readonly error?: { readonly message: string };
  };
  return { status: response.status, text: body.choices?.[0]?.message.content, error: body.error?.message };
}

const countOf = (id: string): number => providers[id]?.asked.length ?? 0;

describe('one provider after the other', () => {
  test('the next one answers where the first fails, and only where it does', async () => {
    await start({ a: fails, b: says('of b') }, { steps: { m: ['a', 'b'] } });

    expect(await ask()).toMatchObject({ status: 200, text: 'of b' });
    Object.assign(providers.a ?? {}, { script: says('of a') });
    expect(await ask()).toMatchObject({ status: 200, text: 'of a' });
    expect([countOf('a'), countOf('b')]).toEqual([2, 1]);
  });

  test('the next one answers where the first has no room, without a wait', async () => {
    await start({ a: says('of a'), b: says('of b') }, { steps: { m: ['a', 'b'] } }, { a: 1 });

    expect([(await ask()).text, (await ask()).text]).toEqual(['of a', 'of b']);
  });

  test.each([
    ['sends no head', () => undefined],
    ['sends its head alone', (_request, response) => response.writeHead(200, STREAM_TYPE).flushHeaders()],
  ] as const satisfies readonly (readonly [string, Script])[])(
    'the next one answers a stream in time where the first %s',
    async (_, silent) => {
      await start(
        { a: silent, b: (_request, response) => response.writeHead(200, STREAM_TYPE).end('data: {"of":"b"}\n\n') },
        {
          steps: { m: ['a', 'b'] },
          providers: {
            a: { models: { m: model(LIMIT, LIMIT) }, firstToken: '200ms' },
            b: { models: { m: model(LIMIT, LIMIT) } },
          },
        },
      );

      const answer = await fetch(`http://127.0.0.1:${gateway.port}/v1/chat/completions`, {
        method: 'POST',
        headers: JSON_TYPE,
        body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'a' }] }),
        signal: AbortSignal.timeout(8_000),
      });
      expect([answer.status, await answer.text()]).toEqual([200, 'data: {"of":"b"}\n\n']);
      await eventually(() => expect(providers.a?.open()).toBe(0));
    },
  );

  test('the next one answers what is too long for the first', async () => {
    await start(
      { a: says('of a'), b: says('of b') },
      {
        steps: { m: ['a', 'b'] },
        providers: {
          a: { models: { m: model(LIMIT, LIMIT, { context: 50 }) } },
          b: { models: { m: model(LIMIT, LIMIT) } },
        },
      },
    );

    expect(await ask()).toMatchObject({ status: 200, text: 'of b' });
    expect(countOf('a')).toBe(0);
  });

  test('the last word is told where nobody answers', async () => {
    await start({ a: fails, b: fails }, { steps: { m: ['a', 'b'] } });

    const { status, error } = await ask();
    expect({ status, error }).toEqual({ status: 502, error: expect.stringContaining('answered 500') });
    expect([countOf('a'), countOf('b')]).toEqual([1, 1]);
  });
});

describe('weights', () => {
  const settings = { steps: { m: [{ a: 3, b: 1 }] } };

  test('divide questions', async () => {
    await start({ a: says('a'), b: says('b') }, settings);
    for (let n = 0; n < 200; n++) await ask();

    // Of 200, 150 are expected at a; 6 standard deviations are 37.
    expect(Math.abs(countOf('a') - 150)).toBeLessThan(37);
  });

  test.each<[string, (session: string) => Promise<{ readonly text: string | undefined }>]>([
    ['a header', (session) => ask({ 'x-session-id': session })],
    ['the key of its prompt', (session) => ask({}, { prompt_cache_key: session })],
  ])('keep a session, named by %s, at one provider, and sessions by their weights', async (_what, asked) => {
    await start({ a: says('a'), b: says('b') }, settings);
    const sessions = Array.from({ length: 100 }, (_, n) => `session-${n}`);
    const first = new Map<string, string | undefined>();
    for (const session of sessions) first.set(session, (await asked(session)).text);
    for (const session of sessions) expect((await asked(session)).text).toBe(first.get(session));

    const atA = [...first.values()].filter((text) => text === 'a').length;
    expect(Math.abs(atA - 75)).toBeLessThan(26);
  });
});

describe('hedging', () => {
  const settings = { steps: { m: ['a', 'b'] }, hedgeAfter: '50ms' };
  const left = (): number => {
    const { limits } = firstOffer(offersOf(gateway.service.ai), 'm');
    const verdict = gateway.limits.reserve('test', limits, [1, 1]);
    verdict.settle([0, 0]);
    return (verdict.remaining[1] ?? 0) + 1;
  };

  test('asks nobody else while the first answers in time, nor where it is not asked for', async () => {
    await start({ a: says('of a', 5), b: says('of b') }, settings);

    expect((await ask()).text).toBe('of a');
    expect(countOf('b')).toBe(0);
  });

  test('is off unless the definition says so', async () => {
    await start({ a: says('of a', 150), b: says('of b') }, { steps: settings.steps });

    expect((await ask()).text).toBe('of a');
    expect(countOf('b')).toBe(0);
  });

  test('takes the second when the first is slow, ends the first, and settles both', async () => {
    await start({ a: says('of a', 10_000), b: says('of b') }, settings);

    expect((await ask()).text).toBe('of b');
    await eventually(() => expect(providers.a?.open()).toBe(0));
    // What the slow one has read may be billed: its question, weighed, and no answer.
    await eventually(() => {
      expect(LIMIT - left()).toBeGreaterThan(0);
      expect(LIMIT - left()).toBeLessThan(50);
    });
  });

  test('takes the first when it answers after all', async () => {
    await start({ a: says('of a', 120), b: says('of b', 10_000) }, settings);

    expect((await ask()).text).toBe('of a');
    await eventually(() => expect(providers.b?.open()).toBe(0));
  });

  test('is not ended by a second that is told to come later', async () => {
    const busy: Script = (_request, response) => response.writeHead(429, JSON_TYPE).end('{"error":{"message":"busy"}}');
    await start({ a: says('of a', 150), b: busy }, settings);

    expect(await ask()).toMatchObject({ status: 200, text: 'of a' });
    expect(countOf('b')).toBe(1);
  });

  test('has the last word told where neither answers', async () => {
    const slowly: Script = (...args) => void setTimeout(() => fails(...args), 100);
    await start({ a: slowly, b: fails }, settings);

    expect(await ask()).toMatchObject({ status: 502 });
    expect([countOf('a'), countOf('b')]).toEqual([1, 1]);
  });
});
