import {
  cacheName,
  invalidatedAddresses,
  ResponseStore,
  reuseOf,
  type ForwardReason,
  type Heuristic,
  type Reuse,
  type StoredResponse,
} from '../../cache/http/index.ts';
import type { SingleFlight } from '../../cache/single-flight.ts';
import type { CacheTiers } from '../../cache/tiers.ts';
import { toBytes, toMilliseconds, type CacheSettings } from '../../definition/index.ts';
import { OWN_ATTRIBUTES } from '../../telemetry/trace/index.ts';
import type { Exchange } from '../exchange.ts';
import { problemReply } from '../problem.ts';
import type { Reply } from '../reply.ts';
import type { Stage } from '../stage.ts';
import type { CacheLevel } from './cache.ts';
import { answerFromOrigin, answerFromStore } from './internal/http-answer.ts';
import { ask, createFetch, type ProxyOrigin } from './internal/http-fetch.ts';
import { addressOf, classify, keyOf, type CacheableRequest, type HonouredDirectives } from './internal/http-request.ts';
import { createSharing } from './internal/http-sharing.ts';

export type { HonouredDirectives, ProxyOrigin };

/** Settings of the stage. */
export type HttpCacheOptions = {
  readonly tiers: CacheTiers;
  /** Where processes agree who fetches; absent: each fetches for itself. */
  readonly flights?: SingleFlight;
  /** Name in Cache-Status. */
  readonly name: string;
  /** What answers when the cache does not. */
  readonly origin: ProxyOrigin;
  /** `lifetime` is how long after its end an answer is kept that can be validated. */
  readonly settings: Pick<CacheSettings, 'lifetime' | 'stale' | 'maxEntry' | 'maxVariants' | 'fetchLease'>;
  /** `http` or `https`, as the client sees it: part of an answer's address; default `http`. */
  readonly scheme?: (exchange: Exchange) => string;
  /** Which directives of clients are honoured; default `safe`. */
  readonly clientDirectives?: HonouredDirectives;
  /** How long answers count as fresh that say nothing of it; default: not at all, and most are not kept. */
  readonly heuristic?: Heuristic;
  /** Told of each look-up. */
  readonly onLookup: (result: 'hit' | 'stale' | 'miss' | 'bypass') => void;
  /** Told of each look-up that a kept answer ended; default nothing. */
  readonly onHit?: (level: CacheLevel) => void;
  /** Told of what happens beside look-ups. */
  readonly onEvent: (event: 'stored' | 'collapsed' | 'refreshed' | 'invalidated') => void;
  /** Wall clock in milliseconds; default Date.now. */
  readonly now?: () => number;
};

const plain = (): string => 'http';

/**
 * A shared HTTP cache (RFC 9111) in front of an origin. A fresh answer in memory is given at once, without a promise;
 * one that may be given stale is, and the origin asked meanwhile (RFC 5861). Everything else is fetched, for all who
 * ask for the same at the same time by one request, as far as the answer is theirs. What only one of them may have is
 * fetched for each; nobody waits for another longer than `fetchLease`.
 */
export function httpCache(options: HttpCacheOptions): Stage {
  const { origin, settings, scheme = plain, clientDirectives = 'safe', onLookup, onEvent, now = Date.now } = options;
  const { onHit = () => undefined } = options;
  const name = cacheName(options.name);
  const store = new ResponseStore({ tiers: options.tiers, maxVariants: settings.maxVariants });
  const staleMs = toMilliseconds(settings.stale);
  const fetch = createFetch({
    origin,
    store,
    name,
    maxEntryBytes: toBytes(settings.maxEntry),
    staleMs,
    retainMs: toMilliseconds(settings.lifetime),
    heuristic: options.heuristic,
    now,
    onEvent,
  });

  const sharing = createSharing({
    fetch,
    store,
    across: options.flights,
    name,
    staleMs,
    patienceMs: toMilliseconds(settings.fetchLease),
    now,
    onCollapsed: () => onEvent('collapsed'),
  });

  const give = (
    exchange: Exchange,
    request: CacheableRequest,
    kept: StoredResponse,
    reuse: Reuse,
    level: CacheLevel,
  ): Reply | undefined => {
    if (reuse === 'validate' || reuse === 'none') return undefined;
    const isFresh = reuse === 'fresh';
    onLookup(isFresh ? 'hit' : 'stale');
    onHit(level);
    // Of the shared tier, the span of the look-up tells.
    if (level === 'l1') exchange.trace?.mark('cache', OWN_ATTRIBUTES.cache, level);
    // An answer to HEAD has no body that could take the place of the kept one.
    if (reuse === 'refresh' && request.method === 'GET') sharing.refresh({ exchange, request, kept, reason: 'stale' });
    return answerFromStore(exchange, request, kept, isFresh ? 'HIT' : 'STALE', { name, now: now() });
  };

  const lookFurther = async (exchange: Exchange, request: CacheableRequest): Promise<Reply> => {
    const span = exchange.trace?.begin('cache');
    const { entry, known } = await store.find(request.key, request.headers);
    const time = now();
    const reuse = entry ? reuseOf(entry, request.wishes, time, staleMs) : 'none';
    const given = entry && give(exchange, request, entry, reuse, 'l2');
    span?.set(OWN_ATTRIBUTES.cache, given ? 'l2' : 'miss').end();
    if (given) return given;
    onLookup('miss');
    if (request.onlyIfCached) return notKept(exchange);
    const kept = reuse === 'validate' ? entry : undefined;
    return sharing.answer({ exchange, request, kept, reason: reasonOf(entry, reuse, known, time) });
  };

  const pass = async (exchange: Exchange, reason: ForwardReason): Promise<Reply> => {
    onLookup('bypass');
    const reply = await ask(origin, exchange, []);
    return answerFromOrigin(exchange, reply, 'BYPASS', { name, forwarding: { reason } });
  };

  const writeThrough = async (exchange: Exchange): Promise<Reply> => {
    const reply = await pass(exchange, 'method');
    const keys = invalidatedAddresses(addressOf(exchange.request, scheme(exchange)), reply.status, reply.headers).map(
      keyOf,
    );
    for (const key of keys) sharing.forget(key);
    // Awaited, so that whoever has this answer in hands gets no older one afterwards.
    await Promise.all(keys.map((key) => store.invalidate(key)));
    if (keys.length > 0) onEvent('invalidated');
    return reply;
  };

  return function httpCacheStage(exchange) {
    const request = classify(exchange.request, scheme(exchange), clientDirectives);
    if (request === 'unsafe') return writeThrough(exchange);
    if (request === 'bypass') return pass(exchange, 'bypass');
    const kept = store.peek(request.key, request.headers);
    const given = kept && give(exchange, request, kept, reuseOf(kept, request.wishes, now(), staleMs), 'l1');
    if (given) return given;
    if (kept || request.onlyIfCached || !sharing.isUnshared(request)) return lookFurther(exchange, request);
    onLookup('miss');
    return sharing.alone({ exchange, request, kept: undefined, reason: 'uri-miss' });
  };
}

/** The most specific reason that is known (RFC 9211, section 2.2). */
function reasonOf(entry: StoredResponse | undefined, reuse: Reuse, known: boolean, now: number): ForwardReason {
  if (entry === undefined) return known ? 'vary-miss' : 'uri-miss';
  return reuse === 'none' || entry.expiresAt > now ? 'request' : 'stale';
}

/** The answer to `only-if-cached` when nothing can be given (RFC 9111, section 5.2.1.7). */
function notKept(exchange: Exchange): Reply {
  exchange.replyHeaders.push('x-cache', 'MISS');
  return problemReply('not-kept', {
    detail: 'Nothing that can be given is kept, and the request wants nothing else (only-if-cached).',
  });
}
