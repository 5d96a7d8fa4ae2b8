import { toMilliseconds } from '../../definition/index.ts';
import type { Cacheable, CacheEntry, ResponseCache } from '../../cache/index.ts';
import type { Exchange } from '../exchange.ts';
import type { Reply } from '../reply.ts';
import type { Stage } from '../stage.ts';

/** Settings of the stage. */
export type CacheOptions = {
  readonly cache: ResponseCache;
  /** Name in Cache-Status. */
  readonly name: string;
  /** What answers when the cache does not. */
  readonly origin: Stage;
  /** Told of each look-up. */
  readonly onLookup: (result: 'hit' | 'miss' | 'bypass') => void;
  /** Wall clock in milliseconds; default Date.now. */
  readonly now?: () => number;
};

/** Answers from the cache where the route keeps answers, else from the origin; a whole 200 answer is then kept. */
export function cache({ cache, name, origin, onLookup, now = Date.now }: CacheOptions): Stage {
  const hit = (exchange: Exchange, entry: CacheEntry): Reply => {
    onLookup('hit');
    const time = now();
    const ttl = Math.max(0, Math.round((entry.expiresAt - time) / 1000));
    const age = Math.max(0, Math.round((time - entry.storedAt) / 1000));
    exchange.replyHeaders.push('x-cache', 'HIT', 'cache-status', `${name}; hit; ttl=${ttl}`, 'age', String(age));
    return entry;
  };
  const miss = async (exchange: Exchange, key: string, lifetimeMs: number): Promise<Reply | undefined> => {
    const found = await cache.find(key);
    if (found) return hit(exchange, found);
    let own: Reply | undefined;
    const { leader, answer } = cache.share(key, async () => {
      own = await origin(exchange);
      return own && keepable(own) ? cache.store(key, own, lifetimeMs) : undefined;
    });
    // A leader that was cut off by its own client or deadline fails for itself alone: the others ask for themselves.
    const shared = await (leader ? answer : answer.catch(() => undefined));
    onLookup('miss');
    const status = shared ? (leader ? 'fwd=miss; stored' : 'fwd=miss; collapsed') : 'fwd=miss';
    exchange.replyHeaders.push('x-cache', 'MISS', 'cache-status', `${name}; ${status}`);
    return own ?? shared ?? origin(exchange);
  };
  return function cacheStage(exchange) {
    const { id, path, cacheFor } = exchange.route;
    if (cacheFor === undefined) return origin(exchange);
    const place = path.includes('{') ? JSON.stringify(exchange.params) : '';
    const key = `${id}${place}?${exchange.queryKey}`;
    const entry = cache.peek(key);
    return entry ? hit(exchange, entry) : miss(exchange, key, toMilliseconds(cacheFor));
  };
}

function keepable(reply: Reply): reply is Reply & Cacheable {
  return reply.status === 200 && Buffer.isBuffer(reply.body);
}
