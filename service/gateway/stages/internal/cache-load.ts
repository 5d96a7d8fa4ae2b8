import { Readable } from 'node:stream';
import { isForOneCaller, type AnswerCache, type CacheEntry } from '../../../cache/index.ts';
import { toMilliseconds } from '../../../definition/index.ts';
import { DetachedExchange } from '../../detached-exchange.ts';
import type { Exchange } from '../../exchange.ts';
import { Problem, problemReply } from '../../problem.ts';
import { Relay } from '../../relay.ts';
import type { Reply } from '../../reply.ts';
import type { Stage } from '../../stage.ts';

/** What an answer is fetched with, and where it goes. */
export type CacheLoadOptions = {
  readonly cache: Pick<AnswerCache, 'tiers' | 'policy'>;
  /** What answers when the cache does not. It is given an exchange of its own, which may outlive the client's. */
  readonly origin: Stage;
  readonly now: () => number;
};

/** What a fetch comes to: an entry for all, or an answer that is not kept, for all who wait or for its asker alone. */
export type Landed =
  | { readonly entry: CacheEntry; readonly how: 'found' | 'stored' }
  | { readonly reply: Reply | undefined; readonly shared: boolean; readonly headers: readonly string[] };

/** A fetch for a key. */
export type CacheLoad = {
  readonly exchange: Exchange;
  readonly key: string;
  /** Nobody waits for it any more. */
  readonly abandoned: AbortSignal;
  /** Whether its asker waits for it; a fetch in the background has no use for an answer that cannot be kept. */
  readonly isAwaited: boolean;
};

/**
 * Asks the origin on behalf of everyone and keeps a whole 200 or 404. Rejects as the origin does, or with the signal's
 * reason when the route's time is over or nobody waits any more.
 */
export function createCacheLoad({
  cache: { tiers, policy },
  origin,
  now,
}: CacheLoadOptions): (load: CacheLoad) => Promise<Landed> {
  return async ({ exchange, key, abandoned, isAwaited }) => {
    const { route } = exchange;
    const detached = new DetachedExchange(exchange, { abandoned, anonymous: route.auth !== 'required' });
    const startedAt = now();
    let isPassedOn = false;
    try {
      const reply = await gathered(
        await unlessAborted(answerOf(origin, detached), detached.signal),
        policy.maxEntryBytes,
      );
      const headers = detached.replyHeaders;
      if (!reply) return { reply, shared: false, headers };
      const { body } = reply;
      if (isArriving(body)) {
        isPassedOn = isAwaited && !exchange.response.destroyed && !abandoned.aborted;
        if (!isPassedOn) cut(body);
        else {
          detached.stopDeadline();
          exchange.atEnd(() => detached.end());
        }
        return { reply, shared: false, headers };
      }
      const answer = { ...reply, body: Buffer.isBuffer(body) ? body : Buffer.from(body ?? '') };
      const lifetimeMs = toMilliseconds(route.cacheFor ?? '0s');
      const kept = policy.keep(answer, { lifetimeMs, tags: route.tags, fetchMs: now() - startedAt });
      if (!kept) return { reply, shared: !isForOneCaller(reply), headers };
      tiers.store(key, kept.entry, kept.keepMs);
      return { entry: kept.entry, how: 'stored' };
    } finally {
      if (!isPassedOn) detached.end();
    }
  };
}

/** What was not found is an answer too, also when it was thrown. */
async function answerOf(origin: Stage, exchange: Exchange): Promise<Reply | undefined> {
  try {
    return await origin(exchange);
  } catch (error) {
    const reply = error instanceof Problem ? problemReply(error.code, error.details) : undefined;
    if (reply?.status === 404) return reply;
    throw error;
  }
}

/** A body that says that it is small enough to be kept is waited for; one that breaks off is no answer. */
async function gathered(reply: Reply | undefined, maxBytes: number): Promise<Reply | undefined> {
  if (!(reply?.body instanceof Relay)) return reply;
  const { body } = reply;
  const isSmall = body.length !== undefined && body.length <= maxBytes;
  const bytes = body.whole ?? (isSmall ? await body.collect(maxBytes) : undefined);
  return bytes ? { ...reply, body: bytes } : reply;
}

function isArriving(body: Reply['body']): body is Relay | Readable {
  return body instanceof Relay || body instanceof Readable;
}

function cut(body: Relay | Readable): void {
  if (body instanceof Relay) body.cancel();
  // A body that is cut off may say so; nobody is left to be told.
  else body.once('error', () => undefined).destroy();
}

/** An origin that does not heed its signal must not hold up the key for good. */
function unlessAborted(work: Promise<Reply | undefined>, signal: AbortSignal): Promise<Reply | undefined> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    work.then((reply) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted && isArriving(reply?.body ?? null)) cut(reply?.body as Relay | Readable);
      resolve(reply);
    }, reject);
  });
}
