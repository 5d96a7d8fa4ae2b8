import { setTimeout as wait } from 'node:timers/promises';

/** Requests that go on until they are stopped. */
export type Traffic = { stop(): Promise<void> };

/** Milliseconds between two handfuls of requests. */
const PAUSE_MS = 100;
const CALLERS = 400;
const WORDS = ['rate limit', 'cache', 'postgres', 'retry', 'queue', 'metrics', 'stream', 'schema'];
const MODELS = ['deepseek-chat', 'deepseek-coder', 'gpt-4o-mini'];

type Kind = { readonly share: number; readonly request: (count: number) => { path: string; body?: object } };

/** What callers ask for, and how much of each. */
const KINDS: readonly Kind[] = [
  {
    share: 0.62,
    request: (count) => ({
      path: `/v1/search?q=${encodeURIComponent(`${pick(WORDS)}${count % 5 === 0 ? ` ${count}` : ''}`)}`,
    }),
  },
  {
    share: 0.16,
    request: (count) => ({
      path: '/v1/chat/completions',
      body: {
        model: pick(MODELS),
        stream: count % 2 === 0,
        messages: [{ role: 'user', content: 'What is a rate limit?' }],
      },
    }),
  },
  { share: 0.12, request: () => ({ path: '/status' }) },
  { share: 0.06, request: () => ({ path: '/health' }) },
  { share: 0.04, request: () => ({ path: '/nothing-here' }) },
];

/** Mixed traffic of many callers that comes and goes in waves; the gateway must believe `X-Forwarded-For`. */
export function startTraffic(port: number): Traffic {
  const stopping = new AbortController();
  const { signal } = stopping;
  let count = 0;
  const send = async (): Promise<void> => {
    const { path, body } = kindAt(Math.random()).request(count++);
    const caller = Math.floor(Math.random() ** 2 * CALLERS);
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      signal,
      headers: { 'x-forwarded-for': `10.1.${caller >> 8}.${caller & 255}`, 'content-type': 'application/json' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
    await response.arrayBuffer();
  };
  const running = (async () => {
    while (!signal.aborted) {
      const wave = 5 + 2.5 * Math.sin(Date.now() / 25_000) + Math.sin(Date.now() / 7_000);
      // What becomes of a request is what the page is to show.
      for (let index = 0; index < wave; index++) void send().catch(() => undefined);
      await wait(PAUSE_MS);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

function kindAt(share: number): Kind {
  let sum = 0;
  const found = KINDS.find((kind) => (sum += kind.share) > share) ?? KINDS[0];
  if (!found) throw new Error('there is nothing to ask for');
  return found;
}

function pick<T>(items: readonly T[]): T | undefined {
  return items[Math.floor(Math.random() * items.length)];
}
