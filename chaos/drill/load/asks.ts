import { listedModels, type Service } from '../../../service/definition/index.ts';
import type { Ask } from '../../experiment.ts';
import type { HttpAnswer } from './transport.ts';

/** What requests are made from. */
export type AskContext = {
  readonly service: Service;
  /** Tells this load's words from those of every other, which caches may still hold. */
  readonly run: string;
};

/** One request: what follows the route's path, and its body. */
export type Asked = { readonly query?: Readonly<Record<string, string>>; readonly body?: unknown };

/** How a kind of request is made. */
export type AskRow = {
  /** Name of the route in the definition, which says method, path and lane. */
  readonly route: string;
  /** Who asks: a key, a session, or nobody. */
  readonly as: 'key' | 'session' | 'nobody';
  /** Whether each of them reaches the upstream, as no cache answers. */
  readonly reachesUpstream: boolean;
  /** The n-th request; `made` is what the one before it made. */
  readonly request: (n: number, context: AskContext, made: string) => Asked;
  /** What is asked before, each time: its answer names what this one is about. */
  readonly after?: 'order';
  /** Why an answer of 2xx is not a right one; undefined: it is. */
  readonly wrong?: (answer: HttpAnswer) => string | undefined;
};

/** Searches of which a cache holds all after a moment. */
const KEPT_WORDS = ['timeout', 'retry', 'stream', 'schema', 'parser'] as const;

/** Few enough that a stream is over long before a request's time is. */
const MAX_TOKENS = 24;

const MODEL = 'sample';

/** The model that drills ask: the one that costs nothing and answers always the same, else the first that is listed. */
export function drilledModel({ ai }: Pick<Service, 'ai'>): string {
  const models = listedModels(ai);
  return models.find((name) => name === MODEL) ?? models[0] ?? MODEL;
}

const isWholeStream = ({ body }: HttpAnswer): string | undefined =>
  body.includes('data: [DONE]') ? undefined : 'no end of the stream';

/** Every kind of request. */
export const ASKS: Readonly<Record<Ask, AskRow>> = {
  'search-miss': search((n, { run }) => `${KEPT_WORDS[n % KEPT_WORDS.length] ?? ''} ${run}${n}`, true),
  'search-hit': search((n) => KEPT_WORDS[n % KEPT_WORDS.length] ?? '', false),
  'search-same': search((_n, { run }) => `everybody ${run}`, false),
  chat: chat(false),
  'chat-stream': { ...chat(true), wrong: isWholeStream },
  session: { route: 'readSession', as: 'session', reachesUpstream: false, request: () => ({}) },
  order: {
    route: 'createOrder',
    as: 'key',
    reachesUpstream: false,
    request: (n) => ({ body: { item: 'drill', quantity: 1 + (n % 10) } }),
  },
  payment: {
    route: 'pay',
    as: 'key',
    reachesUpstream: true,
    after: 'order',
    request: (_n, _context, order) => ({ body: { order, amount: 100, currency: 'EUR', method: 'drill' } }),
  },
  logs: {
    route: 'writeLogs',
    as: 'key',
    reachesUpstream: false,
    request: (n) => ({ body: [{ level: 'info', message: `drill ${n}` }] }),
  },
  health: { route: 'health', as: 'nobody', reachesUpstream: false, request: () => ({}) },
};

function search(words: (n: number, context: AskContext) => string, reachesUpstream: boolean): AskRow {
  return {
    route: 'search',
    as: 'key',
    reachesUpstream,
    request: (n, context) => ({ query: { q: words(n, context) } }),
  };
}

function chat(stream: boolean): AskRow {
  return {
    route: 'chat',
    as: 'key',
    reachesUpstream: true,
    request: (n, { service: { ai }, run }) => ({
      body: {
        model: drilledModel({ ai }),
        messages: [{ role: 'user', content: `${KEPT_WORDS[n % KEPT_WORDS.length] ?? ''} ${run}${n}` }],
        max_tokens: MAX_TOKENS,
        ...(stream && { stream }),
      },
    }),
  };
}
