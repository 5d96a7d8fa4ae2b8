import type { AnswerCache, CacheEntry, Trip, Worth } from '../../cache/index.ts';
import { OWN_ATTRIBUTES } from '../../telemetry/trace/index.ts';
import type { Exchange } from '../exchange.ts';
import { makeReady } from '../ready-answer.ts';
import type { Reply } from '../reply.ts';
import type { Stage } from '../stage.ts';
import { createCacheLoad, type Landed } from './internal/cache-load.ts';

/** Where a kept answer was: in the memory of the process (`l1`), or in the tier that processes share (`l2`). */
export type CacheLevel = 'l1' | 'l2';

/** Settings of the stage. */
export type CacheOptions = {
  readonly cache: AnswerCache;
  /** What answers when the cache does not. It is given an exchange of its own, which may outlive the client's. */
  readonly origin: Stage;
  /** Name in Cache-Status. */
  readonly name: string;
  /** Told of each look-up. */
  readonly onLookup: (result: 'hit' | 'stale' | 'miss' | 'bypass') => void;
  /** Told of each look-up that a kept answer ended; default nothing. */
  readonly onHit?: (level: CacheLevel) => void;
  /** Told when a request shares another's fetch, a fetch in the background has brought an answer, a 404 was a hit. */
  readonly onEvent?: (event: 'collapsed' | 'refreshed' | 'negative') => void;
  /** Told why a fetch in the background has failed; the kept answer is given for as long as it may be. */
  readonly onRefreshError?: (error: unknown) => void;
  /** Wall clock in milliseconds; default Date.now. */
  readonly now?: () => number;
};

/** An answer from memory that a request would be given at once. */
export type Hit = {
  readonly reply: Reply;
  /** Whether it is to be fetched anew: who asked is then needed for longer than its answer takes. */
  readonly refreshes: boolean;
  /** To be called when it is given: tells of the look-up and begins the fetch. */
  given(): void;
};

/** The stage, and a look ahead at what it would give. */
export type CacheStage = Stage & {
  /** The hit of a request whose caller makes no difference to its answer; only looks. */
  findHit(exchange: Exchange): Hit | undefined;
};

/** After a fetch in the background has failed, until the next for the same entry. */
const REFRESH_PAUSE_MS = 1_000;

/**
 * Answers from the cache where the route keeps answers, else from the origin. A kept answer is shared by everyone who
 * asks the route the same; so that it can hold nothing of one caller, the origin is asked without the caller and
 * without credentials (`DetachedExchange`), and an answer that sets a cookie or calls itself private is given to its
 * asker alone. A route that requires credentials keeps answers for each owner apart.
 *
 * An answer that is past its end is given for `cache.stale` more, while it is fetched anew in the background. A failed
 * fetch fails for all who wait for it, and for nobody who comes later.
 */
export function cache({
  cache: kept,
  name,
  origin,
  onLookup,
  onHit = () => undefined,
  onEvent = () => undefined,
  onRefreshError = () => undefined,
  now = Date.now,
}: CacheOptions): CacheStage {
  const { tiers, flights, policy } = kept;
  const load = createCacheLoad({ cache: kept, origin, now });
  const prepared = new WeakMap<CacheEntry, { readonly reply: Reply; readonly until: number }>();
  const pausedUntil = new WeakMap<CacheEntry, number>();

  /** Age and ttl change once in a second, so the answer is put together no more often. */
  const replyOf = (entry: CacheEntry, time: number, isStale: boolean): Reply => {
    const known = prepared.get(entry);
    if (known !== undefined && time < known.until) return known.reply;
    const age = Math.max(0, Math.floor((time - entry.storedAt) / 1000));
    const left = (entry.expiresAt - time) / 1000;
    const ttl = isStale ? Math.floor(left) : Math.ceil(left);
    const status = statusHeaders(isStale ? 'STALE' : 'HIT', `hit; ttl=${ttl}`);
    const { status: code, headers, body } = entry;
    const all = [...headers, ...status, 'age', String(age)];
    const reply = { status: code, headers: all, body, ready: makeReady(code, all, body) };
    const until = entry.storedAt + (age + 1) * 1000;
    prepared.set(entry, { reply, until: isStale ? until : Math.min(until, entry.expiresAt) });
    return reply;
  };
  const statusHeaders = (result: string, status: string): string[] => [
    'x-cache',
    result,
    'cache-status',
    `${name}; ${status}`,
  ];

  /** `current` is the entry that a newer one is to replace. */
  const tripOf = (exchange: Exchange, key: string, current?: CacheEntry): Trip<Landed> => ({
    async find() {
      const span = exchange.trace?.begin('cache');
      const entry = await (current ? tiers.findNewer(key) : tiers.find(key));
      const worth = entry ? policy.judge(entry, now()) : 'over';
      const isOfUse = worth === 'fresh' || worth === 'early' || (worth === 'stale' && !current);
      span?.set(OWN_ATTRIBUTES.cache, isOfUse ? 'l2' : 'miss').end();
      return entry && isOfUse ? { entry, how: 'found' } : undefined;
    },
    load: (abandoned) => load({ exchange, key, abandoned, isAwaited: !current }),
  });

  const refresh = (exchange: Exchange, key: string, entry: CacheEntry, time: number): void => {
    if (flights.has(key) || (pausedUntil.get(entry) ?? 0) > time) return;
    const failed = (error: unknown): void => {
      pausedUntil.set(entry, now() + REFRESH_PAUSE_MS);
      onRefreshError(error);
    };
    flights.run(key, tripOf(exchange, key, entry)).answer.then((landed) => {
      if ('entry' in landed) onEvent('refreshed');
      else if (landed.reply && landed.reply.status < 500 && landed.reply.status !== 429) void tiers.drop(key);
      else failed(new Error(`The origin answered ${landed.reply?.status ?? 'nothing'}`));
    }, failed);
  };

  const tell = (
    exchange: Exchange,
    key: string,
    entry: CacheEntry,
    time: number,
    worth: Worth,
    level: CacheLevel,
  ): void => {
    if (worth !== 'fresh') refresh(exchange, key, entry, time);
    onLookup(worth === 'stale' ? 'stale' : 'hit');
    onHit(level);
    // Of the shared tier, the span of the look-up tells.
    if (level === 'l1') exchange.trace?.mark('cache', OWN_ATTRIBUTES.cache, level);
    if (entry.status === 404) onEvent('negative');
  };

  const give = (
    exchange: Exchange,
    key: string,
    entry: CacheEntry,
    time: number,
    level: CacheLevel,
  ): Reply | undefined => {
    const worth = policy.judge(entry, time);
    if (worth === 'over') return undefined;
    tell(exchange, key, entry, time, worth, level);
    return replyOf(entry, time, worth === 'stale');
  };

  const miss = async (exchange: Exchange, key: string): Promise<Reply | undefined> => {
    const askedAt = now();
    const { leader, answer } = flights.run(key, tripOf(exchange, key), exchange.signal);
    const span = leader ? undefined : exchange.trace?.begin('cache')?.set(OWN_ATTRIBUTES.cache, 'collapsed');
    const landed = await answer;
    span?.end();
    const { replyHeaders } = exchange;
    if (!('entry' in landed) && !leader && !landed.shared) {
      onLookup('bypass');
      replyHeaders.push(...statusHeaders('BYPASS', 'fwd=bypass'));
      return origin(exchange);
    }
    const isFound = 'entry' in landed && landed.how === 'found';
    if (isFound && landed.entry.storedAt < askedAt) {
      // Kept before this request came, in the memory of another process: a hit.
      const hit = give(exchange, key, landed.entry, now(), 'l2');
      if (hit) return hit;
    }
    onLookup('miss');
    const isCollapsed = !leader || isFound;
    if (isCollapsed) onEvent('collapsed');
    const how = isCollapsed ? '; collapsed' : 'entry' in landed ? '; stored' : '';
    replyHeaders.push(...statusHeaders('MISS', `fwd=miss${how}`));
    if ('entry' in landed) return landed.entry;
    if (leader) replyHeaders.push(...landed.headers);
    return landed.reply;
  };

  const cacheStage: Stage = (exchange) => {
    if (exchange.route.cacheFor === undefined) return origin(exchange);
    const key = isShared(exchange) ? (exchange.memo.cacheKey ??= cacheKey(exchange)) : cacheKey(exchange);
    const entry = tiers.peek(key);
    return (entry && give(exchange, key, entry, now(), 'l1')) ?? miss(exchange, key);
  };

  const findHit = (exchange: Exchange): Hit | undefined => {
    if (exchange.route.cacheFor === undefined || !isShared(exchange)) return undefined;
    const key = (exchange.memo.cacheKey ??= cacheKey(exchange));
    const entry = tiers.peek(key);
    if (!entry) return undefined;
    const time = now();
    const worth = policy.judge(entry, time);
    if (worth === 'over') return undefined;
    return {
      reply: replyOf(entry, time, worth === 'stale'),
      refreshes: worth !== 'fresh',
      given: () => tell(exchange, key, entry, time, worth, 'l1'),
    };
  };
  return Object.assign(cacheStage, { findHit });
}

/** Whether everyone who asks for the target asks for the same. */
function isShared({ route }: Exchange): boolean {
  return route.auth !== 'required';
}

/** `route/`, the owner where answers are one owner's, the path's parameters, the query: all that an answer depends on. */
export function cacheKey({ route, caller, params, queryKey }: Exchange): string {
  const owner = route.auth === 'required' ? `@${JSON.stringify(caller.owner ?? caller.id)}` : '';
  const place = route.path.includes('{') ? JSON.stringify(params) : '';
  return `${route.id}/${owner}${place}?${queryKey}`;
}
