import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { firstOffer, model, offersOf } from './ai-settings.ts';
import { startAiGateway, startProvider, type AiGateway, type Script, type ScriptedProvider } from './ai-gateway.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const LIMIT = 1_000_000;
type Asked = { readonly input: string | readonly string[]; readonly user?: string };

/** Embeds each text as its length. */
const embed: Script = (_request, response, body) => {
  const input = [(JSON.parse(body) as Asked).input].flat();
  const data = input.map((text, index) => ({ object: 'embedding', index, embedding: [text.length] }));
  const usage = { prompt_tokens: 2 * input.length, total_tokens: 2 * input.length };
  response.writeHead(200, JSON_TYPE).end(JSON.stringify({ object: 'list', model: 'm', data, usage }));
};

let provider: ScriptedProvider;
let gateway: AiGateway;

async function start(script: Script, embeddings: object): Promise<void> {
  provider = await startProvider(script);
  const providers = { p: { models: { m: model(LIMIT, LIMIT) } } };
  gateway = await startAiGateway({ p: provider }, { providers, embeddings });
}

afterEach(async () => {
  await gateway.close();
  await gateway.ai.close();
  await provider.close();
});

async function ask(input: unknown, more: object = {}, signal?: AbortSignal) {
  const response = await fetch(`http://127.0.0.1:${gateway.port}/v1/embeddings`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify({ model: 'm', input, ...more }),
    ...(signal && { signal }),
  });
  const { data, usage } = (await response.json()) as {
    readonly data?: readonly { readonly index: number; readonly embedding: readonly number[] }[];
    readonly usage?: { readonly prompt_tokens: number };
  };
  return {
    status: response.status,
    lengths: data?.map(({ embedding }) => embedding[0]),
    places: data?.map(({ index }) => index),
    tokens: usage?.prompt_tokens,
  };
}

describe('embeddings that are asked for at nearly the same time', () => {
  const window = { window: '60ms', size: 256 };

  test('are asked of the provider at once, and each request has its own, in order, with its share of the usage', async () => {
    await start(embed, window);
    const answers = await Promise.all([ask('a'), ask(['bb', 'ccc']), ask('dddd')]);

    expect(provider.asked).toHaveLength(1);
    expect(answers.map(({ lengths }) => lengths)).toEqual([[1], [2, 3], [4]]);
    expect(answers.map(({ places }) => places)).toEqual([[0], [0, 1], [0]]);
    expect(answers.map(({ tokens }) => tokens)).toEqual([2, 3, 3]);
  });

  test('settle what each has used, and together what was used', async () => {
    await start(embed, window);
    await Promise.all([ask('a'), ask(['b', 'c'])]);
    const { limits } = firstOffer(offersOf(gateway.service.ai), 'm');

    await eventually(() => {
      const verdict = gateway.limits.reserve('test', limits, [1, 1]);
      verdict.settle([0, 0]);
      expect(LIMIT - 1 - (verdict.remaining[1] ?? 0)).toBe(6);
    });
  });

  test('wait no longer than their number asks for', async () => {
    await start(embed, { window: '500ms', size: 2 });
    const began = performance.now();
    await Promise.all([ask('a'), ask('b')]);

    expect(provider.asked).toHaveLength(1);
    expect(performance.now() - began).toBeLessThan(400);
  });

  test('go by themselves where their other fields differ, or where the window is none', async () => {
    await start(embed, window);
    await Promise.all([ask('a', { user: 'ada' }), ask('b', { user: 'bob' }), ask('c', { dimensions: 8 })]);

    expect(provider.asked).toHaveLength(3);
  });

  test('are asked for one by one where the window is none', async () => {
    await start(embed, { window: '0ms', size: 256 });
    await Promise.all([ask('a'), ask('b')]);

    expect(provider.asked).toHaveLength(2);
  });

  test('that the provider refuses together are asked for one by one, so that nobody suffers from another', async () => {
    await start((request, response, body) => {
      if (!(JSON.parse(body) as Asked).input.includes('bad')) embed(request, response, body);
      else response.writeHead(400, JSON_TYPE).end('{"error":{"message":"no such text"}}');
    }, window);
    const answers = await Promise.all([ask('a'), ask('bad'), ask('ccc')]);

    expect(answers.map(({ status }) => status)).toEqual([200, 400, 200]);
    expect(provider.asked).toHaveLength(4);
  });

  test.each([429, 500])('fail together where the provider answers %p, and are not asked for again', async (status) => {
    await start(
      (_request, response) => response.writeHead(status, JSON_TYPE).end('{"error":{"message":"busy"}}'),
      window,
    );
    const answers = await Promise.all([ask('a'), ask('b'), ask('c')]);

    expect(answers.map((answer) => answer.status)).toEqual(Array(3).fill(status === 429 ? 429 : 502));
    expect(provider.asked).toHaveLength(1);
  });

  test('lose nothing by one that leaves', async () => {
    await start((...args) => setTimeout(() => embed(...args), 50), window);
    const leaving = new AbortController();
    const left = ask('aaaaaaa', {}, leaving.signal).catch(() => 'left');
    setTimeout(() => leaving.abort(), 80);

    expect((await ask('bb')).lengths).toEqual([2]);
    expect(await left).toBe('left');
  });

  test('ends at the provider when all have left', async () => {
    await start(() => undefined, { window: '5ms', size: 256 });
    const leaving = new AbortController();
    const left = [ask('a', {}, leaving.signal), ask('b', {}, leaving.signal)].map((each) => each.catch(() => 'left'));
    await eventually(() => expect(provider.open()).toBe(1));
    leaving.abort();

    expect(await Promise.all(left)).toEqual(['left', 'left']);
    await eventually(() => expect(provider.open()).toBe(0));
  });
});
