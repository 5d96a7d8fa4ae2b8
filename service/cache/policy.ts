import { toBytes, toMilliseconds, type CacheSettings } from '../definition/index.ts';
import type { CacheEntry } from './entry.ts';

/** Settings of the policy for answers that handlers make. */
export type CachePolicyOptions = {
  readonly settings: Pick<CacheSettings, 'lifetime' | 'negative' | 'stale' | 'maxEntry' | 'earlyRefresh'>;
  /** Wall clock in milliseconds; default Date.now. */
  readonly now?: () => number;
  /** From 0 to 1; default Math.random. */
  readonly random?: () => number;
};

/** A whole answer that may be kept. */
export type Answer = Pick<CacheEntry, 'status' | 'headers' | 'body'>;

/** What is known of an answer beside it. */
export type AnswerFacts = {
  /** How long it is fresh; default `cache.lifetime`. */
  readonly lifetimeMs?: number;
  readonly tags?: readonly string[];
  /** How long the origin took. */
  readonly fetchMs: number;
};

/**
 * What an entry is good for: `fresh`; `early`: given, and fetched anew before its end; `stale`: given, and fetched
 * anew after its end; `over`: nothing.
 */
export type Worth = 'fresh' | 'early' | 'stale' | 'over';

/** How long answers of handlers are kept, and what a kept one is good for. */
export type CachePolicy = {
  /** A larger body is not kept. */
  readonly maxEntryBytes: number;
  /** The entry for an answer and how long to keep it; undefined for one that is not to be kept. */
  keep(answer: Answer, facts: AnswerFacts): { readonly entry: CacheEntry; readonly keepMs: number } | undefined;
  judge(entry: CacheEntry, now: number): Worth;
};

/** The share of a lifetime that jitter may take off, so that what was stored together does not end together. */
const JITTER = 0.1;
/** Early refreshes as improbable as e^-40 are not diced for: most hits are far from the end of their entry. */
const NEGLIGIBLE = 40;

/**
 * Keeps whole 200 answers for their lifetime and whole 404 answers for `cache.negative`; nothing else, and nothing
 * that is meant for one caller or that depends on headers. Fetches early with the probability of "Optimal
 * Probabilistic Cache Stampede Prevention" (Vattani, Chierichetti, Lowenstein, 2015):
 * `now - d * b * ln(random) >= expiry`, where d is how long the fetch took and b is `cache.earlyRefresh`.
 */
export function createCachePolicy({ settings, now = Date.now, random = Math.random }: CachePolicyOptions): CachePolicy {
  const lifetime = toMilliseconds(settings.lifetime);
  const negative = toMilliseconds(settings.negative);
  const stale = toMilliseconds(settings.stale);
  const maxEntryBytes = toBytes(settings.maxEntry);
  const eagerness = settings.earlyRefresh;
  return {
    maxEntryBytes,
    keep(answer, { lifetimeMs = lifetime, tags, fetchMs }) {
      const isPositive = answer.status === 200;
      const full = isPositive ? lifetimeMs : answer.status === 404 ? negative : 0;
      const freshMs = Math.round(full * (1 - JITTER * random()));
      if (freshMs <= 0 || answer.body.length > maxEntryBytes || isForOneCaller(answer)) return undefined;
      const { status, headers, body } = answer;
      const storedAt = now();
      const expiresAt = storedAt + freshMs;
      const staleUntil = expiresAt + (isPositive ? stale : 0);
      const basics = { status, headers, body, storedAt, expiresAt, staleUntil, fetchMs };
      const entry = tags && tags.length > 0 ? { ...basics, tags } : basics;
      return { entry, keepMs: staleUntil - storedAt };
    },
    judge({ expiresAt, staleUntil = 0, fetchMs = 0 }, time) {
      const left = expiresAt - time;
      if (left <= 0) return staleUntil > time ? 'stale' : 'over';
      const scale = fetchMs * eagerness;
      return left < scale * NEGLIGIBLE && -scale * Math.log(random()) >= left ? 'early' : 'fresh';
    },
  };
}

/** Whether an answer's headers say that it is not for everyone who asks the same. */
export function isForOneCaller({ headers }: Pick<Answer, 'headers'>): boolean {
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index]?.toLowerCase();
    if (name === 'set-cookie' || name === 'vary') return true;
    if (name === 'cache-control' && /\b(no-store|private|no-cache)\b/i.test(headers[index + 1] ?? '')) return true;
  }
  return false;
}
