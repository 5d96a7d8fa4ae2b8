import { request } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createRedisLimits, type ReservingStore } from '../../service/limit/index.ts';
import { seeded } from '../limit/random.ts';
import { eventually } from '../support/eventually.ts';
import { useRedis } from '../support/stores.ts';
import { firstOffer, model, offersOf } from './ai-settings.ts';
import { startAiGateway, startProvider, type Script } from './ai-gateway.ts';

const { missing, client } = useRedis('what is settled of requests that end in every way');
const check = missing === undefined ? test : test.skip;

/** Ways in which a request ends. Of the first two the provider tells what was used, of the next ones it was nothing. */
const WAYS = [
  'json',
  'stream',
  'error',
  'refused',
  'error-in-200',
  'html',
  'cut',
  'no-usage',
  'abort',
  'crash',
] as const;
type Way = (typeof WAYS)[number];
const NOTHING_USED: readonly Way[] = ['error', 'refused', 'error-in-200', 'html'];

/** What a test has a provider say that was used. */
type Told = { readonly input: number; readonly cached: number; readonly output: number };
type Asked = { readonly user: string; readonly stream?: boolean; readonly metadata: Told };

const SSE = { 'content-type': 'text/event-stream' };
const JSON_TYPE = { 'content-type': 'application/json' };
const TOKEN = 'data: {"choices":[{"index":0,"delta":{"content":"word "}}]}\n\n';

/** Answers as the question says. */
const answer: Script = (_request, response, body) => {
  const { user, metadata } = JSON.parse(body) as Asked;
  const { input, cached, output } = metadata;
  const usage = { prompt_tokens: input, completion_tokens: output, prompt_tokens_details: { cached_tokens: cached } };
  const way = user.trim() as Way;
  if (way === 'error') response.writeHead(500, JSON_TYPE).end('{"error":{"message":"failed"}}');
  else if (way === 'refused') response.writeHead(400, JSON_TYPE).end('{"error":{"message":"no such tool"}}');
  else if (way === 'error-in-200') response.writeHead(200, JSON_TYPE).end('{"error":{"message":"failed"}}');
  else if (way === 'html') response.writeHead(200, { 'content-type': 'text/html' }).end('<html>busy</html>');
  else if (way === 'json' || way === 'crash')
    response.writeHead(200, JSON_TYPE).end(JSON.stringify({ choices: [{ message: { content: 'a' } }], usage }));
  else {
    response.writeHead(200, SSE).write(TOKEN.repeat(3));
    if (way === 'cut') setTimeout(() => response.destroy(), 3);
    else if (way === 'no-usage') response.end('data: [DONE]\n\n');
    else if (way === 'stream') response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`);
  }
};

/** Asks once; resolves when the answer is over, whole or not. A client that aborts leaves at the first byte. */
function ask(port: number, way: Way, body: object): Promise<number> {
  return new Promise((resolve) => {
    const asked = request({
      host: '127.0.0.1',
      port,
      method: 'POST',
      path: '/v1/chat/completions',
      headers: JSON_TYPE,
    });
    asked.on('response', (response) => {
      const end = (): void => resolve(response.statusCode ?? 0);
      response.on('data', () => {
        if (way === 'abort') asked.destroy();
      });
      response.on('end', end).on('error', end).on('close', end);
    });
    asked.on('error', () => resolve(0));
    asked.end(JSON.stringify(body));
  });
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Reservation = { readonly reserved: number; used: number | undefined };

describe('whatever becomes of requests', () => {
  check(
    'the sum of what was settled is the sum of what was used, each once',
    async () => {
      let calls = 0;
      const limits = createRedisLimits(client(), {
        prefix: 'settled:',
        nextId: () => `call-${calls++}`,
        timeoutMs: 5_000,
      });
      closing.push(() => {
        limits.close();
        return Promise.resolve();
      });
      // By the bound of the answer, of which each request has its own, a reservation is known again.
      const reservations: Reservation[] = [];
      let crashes = 0;
      const store: ReservingStore = {
        take: (...args) => limits.take(...args),
        async reserve(caller, policies, amounts) {
          const verdict = await limits.reserve(caller, policies, amounts);
          const reservation: Reservation = { reserved: amounts[1] ?? 0, used: undefined };
          if (verdict.allowed) reservations.push(reservation);
          return {
            ...verdict,
            settle(used) {
              // Of a process that crashed nobody hears: what it reserved stays until it lapses.
              if (isCrash(reservation.reserved)) return;
              reservation.used ??= used[1] ?? 0;
              verdict.settle(used);
            },
          };
        },
      };
      const provider = await startProvider(answer);
      const settings = { models: { m: { ...model(1_000_000, 500_000_000), tokens: '500000000/h' } } };
      const gateway = await startAiGateway({ p: provider }, { providers: { p: settings } }, { store });
      closing.push(
        provider.close,
        () => gateway.ai.close(),
        () => gateway.close(),
      );
      const random = seeded(11);
      const question = (way: Way, bound: number, metadata: Told) => ({
        model: 'm',
        // Of one length each, so that all questions have as many tokens.
        user: way.padEnd(12),
        max_tokens: bound,
        stream: ['stream', 'cut', 'no-usage', 'abort'].includes(way),
        messages: [{ role: 'user', content: 'what is settled?' }],
        metadata,
      });
      let bound = 100;
      const sent = new Map<number, { readonly way: Way; readonly told: Told }>();
      const isCrash = (reserved: number): boolean => sent.get(reserved - inputTokens)?.way === 'crash';
      let inputTokens = 0;
      await ask(gateway.port, 'json', question('json', 50, { input: 1, cached: 0, output: 1 }));
      inputTokens = (reservations[0]?.reserved ?? 0) - 50;
      expect(inputTokens).toBeGreaterThan(0);
      const askOn = async (): Promise<void> => {
        for (let n = 0; n < 50; n++) {
          const way = random.pick(WAYS);
          const input = random.whole(1, 500);
          const told = { input, cached: random.whole(0, input), output: random.whole(1, 500) };
          const own = bound++;
          sent.set(own, { way, told });
          const status = await ask(gateway.port, way, question(way, own, told));
          if (way === 'crash') crashes++;
          if (NOTHING_USED.includes(way))
            expect({ way, status }).toEqual({ way, status: way === 'refused' ? 400 : 502 });
          // As clients do: what failed is tried again, and is another request.
          if (status !== 502 || random.next() < 0.5) continue;
          const again = bound++;
          sent.set(again, { way: 'json', told });
          expect(await ask(gateway.port, 'json', question('json', again, told))).toBe(200);
        }
      };
      await Promise.all(Array.from({ length: 12 }, askOn));

      await eventually(() => {
        const open = reservations.filter(({ reserved, used }) => used === undefined && !isCrash(reserved));
        expect(open).toEqual([]);
      }, 20_000);
      expect(reservations.length).toBe(sent.size + 1);
      expect(crashes).toBeGreaterThan(10);
      for (const { reserved, used } of reservations) {
        const each = sent.get(reserved - inputTokens);
        if (!each) continue;
        const { way, told } = each;
        if (way === 'json' || way === 'stream')
          expect({ way, used }).toEqual({ way, used: told.input - told.cached + told.output });
        else if (NOTHING_USED.includes(way)) expect({ way, used }).toEqual({ way, used: 0 });
        // The question, and three words of an answer, more or less.
        else if (way !== 'crash') {
          expect(used).toBeGreaterThanOrEqual(inputTokens);
          expect(used).toBeLessThanOrEqual(inputTokens + 12);
        }
      }
      const { limits: policies } = firstOffer(offersOf(gateway.service.ai), 'm');
      const counted = reservations.reduce((sum, { reserved, used = reserved }) => sum + used, 0);
      await eventually(async () => {
        const verdict = await limits.reserve('test', policies, [1, 1]);
        verdict.settle([0, 0]);
        expect(500_000_000 - 1 - (verdict.remaining[1] ?? 0)).toBe(counted);
      });
    },
    60_000,
  );
});
