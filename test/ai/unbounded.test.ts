import { request } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAi, type Ai } from '../../service/ai/index.ts';
import { definition, listedModels } from '../../service/definition/index.ts';
import { Relay } from '../../service/gateway/relay.ts';
import { createMemoryLimits } from '../../service/limit/index.ts';
import { Cells, layOutCells } from '../../service/telemetry/cells.ts';
import { exchangeFor } from '../app/exchange.ts';
import { eventually } from '../support/eventually.ts';
import { aiSettings, model } from './ai-settings.ts';
import { startAiGateway, startProvider, type AiGateway, type ScriptedProvider } from './ai-gateway.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Memory in use after a collection, in MiB: of objects, and of buffers beside the heap. */
function used(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

describe('ten thousand streams whose clients leave', () => {
  const EVENT = 'data: {"choices":[{"index":0,"delta":{"content":"word "}}]}\n\n';
  let provider: ScriptedProvider;
  let gateway: AiGateway;
  beforeAll(async () => {
    provider = await startProvider((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(EVENT);
    });
    const models = { m: model(1_000_000, 1_000_000_000) };
    gateway = await startAiGateway({ p: provider }, { providers: { p: { models } } });
  });
  afterAll(async () => {
    await gateway.close();
    await gateway.ai.close();
    await provider.close();
  });

  const leave = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      const target = { host: '127.0.0.1', port: gateway.port, method: 'POST', path: '/v1/chat/completions', headers };
      const asked = request({ ...target, agent: false }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`answered ${response.statusCode}`));
        response.once('data', () => {
          asked.destroy();
          resolve();
        });
        response.on('error', () => undefined);
      });
      asked.on('error', () => undefined);
      asked.end('{"model":"m","stream":true,"max_tokens":50,"messages":[{"role":"user","content":"a"}]}');
    });
  const leaveOften = async (times: number): Promise<void> => {
    for (let n = 0; n < times; n += 20) await Promise.all(Array.from({ length: 20 }, leave));
    await eventually(() => expect(provider.open()).toBe(0));
    provider.asked.length = 0;
    gateway.outcomes.length = 0;
  };

  test('leave no memory behind', async () => {
    await leaveOften(2_000);
    const base = used();
    await leaveOften(10_000);

    expect(gateway.lanes.measure().streams).toBe(0);
    await eventually(() => expect(used()).toBeLessThan(base + 8), 30_000, 1_000);
  }, 120_000);
});

describe('a hundred thousand names of models', () => {
  const ANSWER = Buffer.from(
    '{"model":"m","choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}',
  );
  const limits = createMemoryLimits({ trackedCallers: 1_000 });
  const unlisted = model(1_000, 1_000_000);
  const service = {
    ...definition.dev,
    ai: aiSettings({
      providers: { p: { models: { m: unlisted }, unlisted } },
    }),
  };
  const layout = layOutCells({
    routes: [],
    lanes: [],
    limits: [],
    breakers: [],
    models: listedModels(service.ai),
    providers: ['p'],
  });
  const cells = new Cells(layout);
  let ai: Ai;
  beforeAll(() => {
    const fetch = () => {
      const body = new Relay({ pause: () => undefined, resume: () => undefined, abort: () => undefined });
      body.push(ANSWER);
      body.end();
      return Promise.resolve({
        status: 200,
        headers: { 'content-type': 'application/json' },
        trailers: {},
        body,
      } as never);
    };
    const provider = { client: { fetch }, path: '/v1', headers: {}, breakerOf: () => undefined };
    ai = createAi({ service, store: limits, providers: { p: provider }, cells });
  });
  afterAll(() => ai.close());

  const ask = async (name: string): Promise<number> => {
    const exchange = exchangeFor('chat', ai.handlers.chat, {
      body: { model: name, messages: [{ role: 'user', content: 'a' }] },
    });
    const { status } = await ai.handlers.chat(exchange);
    exchange.stopDeadline();
    return status;
  };

  test('make no series of their own, and hold no memory for good', async () => {
    for (let n = 0; n < 5_000; n++) expect(await ask(`warm-${n}`)).toBe(200);
    const base = used();
    for (let n = 0; n < 100_000; n++) await ask(`name-${n}-${Math.random().toString(36)}`);

    const models = new Set(layout.series.flatMap(({ labels }) => labels.model ?? []));
    expect([...models].sort()).toEqual(['m', 'other']);
    expect(cells.values.length).toBe(layout.size);
    expect(used()).toBeLessThan(base + 8);
  }, 120_000);
});
