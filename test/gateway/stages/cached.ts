import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createAnswerCache, createMemorySharedTier, type SharedTier } from '../../../service/cache/index.ts';
import { definition, type Route } from '../../../service/definition/index.ts';
import { Exchange, type Caller } from '../../../service/gateway/exchange.ts';
import type { Reply } from '../../../service/gateway/reply.ts';
import { cache } from '../../../service/gateway/stages/cache.ts';
import type { Stage } from '../../../service/gateway/stage.ts';

/** A request of a test. */
export type Asked = {
  readonly q?: string;
  readonly caller?: Caller;
  readonly headers?: Readonly<Record<string, string>>;
  readonly route?: Partial<Route>;
};

/** What a client sees of an answer. */
export type Seen = {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
};

const SEARCH: Route = {
  method: 'GET',
  path: '/v1/search',
  lane: 'critical',
  timeout: '10s',
  auth: 'optional',
  limited: true,
  errors: 'problem',
  cacheFor: '300s',
  tags: ['results'],
  query: { type: 'object' },
};

/** A cache stage on a clock of its own, in front of an origin; jitter takes nothing off. */
export function cachedStage(origin: Stage, shared?: SharedTier) {
  const clock = { now: 1_000_000, random: 0 };
  const now = (): number => clock.now;
  const errors: unknown[] = [];
  const told: string[] = [];
  const kept = createAnswerCache({
    // The clock jumps, and nobody asks for invalidations meanwhile.
    settings: { ...definition.dev.cache, maxStaleness: '24h' },
    shared: shared ?? createMemorySharedTier({ maxBytes: 1 << 20, now }),
    maxBytes: 1 << 20,
    onError: (error) => errors.push(error),
    now,
    random: () => clock.random,
  });
  const stage = cache({
    cache: kept,
    name: 'sluice',
    origin,
    onLookup: (result) => told.push(result),
    onEvent: (event) => told.push(event),
    onRefreshError: (error) => errors.push(error),
    now,
  });
  const begin = (asked: Asked = {}) => {
    const exchange = exchangeFor(asked);
    return { exchange, step: stage(exchange) };
  };
  const see = async (asked: Asked = {}): Promise<Seen> => {
    const { exchange, step } = begin(asked);
    try {
      return seen(exchange, await step);
    } finally {
      exchange.stopDeadline();
      exchange.end();
    }
  };
  return { stage, kept, clock, errors, told, begin, see };
}

/** A request for a search, after every stage before the cache. */
export function exchangeFor({ q = 'a', caller, headers = {}, route = {} }: Asked = {}): Exchange {
  const exchange = new Exchange({
    request: { method: 'GET', headers, rawHeaders: Object.entries(headers).flat() } as unknown as IncomingMessage,
    response: Object.assign(new EventEmitter(), {
      writableFinished: false,
      destroyed: false,
    }) as unknown as ServerResponse,
    requestId: 'test',
    route: { ...SEARCH, ...route, id: 'search', handler: () => ({ status: 200, headers: [], body: null }) },
    params: {},
    search: `q=${q}`,
    startedAt: performance.now(),
  });
  exchange.query = { q };
  exchange.queryKey = JSON.stringify({ q });
  if (caller) exchange.caller = caller;
  return exchange;
}

/** The client of an exchange leaves. */
export function leave(exchange: Exchange): void {
  Object.assign(exchange.response, { destroyed: true });
  exchange.response.emit('close');
}

function seen(exchange: Exchange, reply: Reply | undefined): Seen {
  const body = reply?.body ?? '';
  const flat = [...exchange.replyHeaders, ...(reply?.headers ?? [])];
  return {
    status: reply?.status ?? 0,
    body: typeof body === 'string' || Buffer.isBuffer(body) ? String(body) : '',
    headers: Object.fromEntries(
      flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : [])),
    ),
  };
}

/** An origin that answers when the test says so, each call in its turn. */
export function gatedOrigin() {
  const calls: { exchange: Exchange; answer: (reply: Reply) => void; fail: (error: Error) => void }[] = [];
  const origin: Stage = (exchange) =>
    new Promise((resolve, reject) => {
      calls.push({ exchange, answer: resolve, fail: reject });
      exchange.signal.addEventListener('abort', () => reject(exchange.signal.reason as Error));
    });
  return { origin, calls };
}
