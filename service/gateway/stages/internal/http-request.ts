import type { IncomingMessage } from 'node:http';
import {
  isUnsafe,
  NO_WISHES,
  parseRequestDirectives,
  wishesOf,
  type Address,
  type RequestFields,
  type Wishes,
} from '../../../cache/http/index.ts';

/**
 * Which directives of clients are honoured (RFC 9111, section 5.2.1, leaves it open): `none`; `safe`: `no-store` and
 * `only-if-cached`, which make the origin no work that it would not have; `all`: with `no-cache`, `max-age`,
 * `min-fresh`, `max-stale` and `stale-if-error`, by which any client can have the origin asked.
 */
export type HonouredDirectives = 'none' | 'safe' | 'all';

/** A request that may be answered from the store. */
export type CacheableRequest = {
  readonly method: 'GET' | 'HEAD';
  readonly key: string;
  readonly headers: RequestFields;
  readonly wishes: Wishes;
  /** Nothing of its answer is kept. */
  readonly noStore: boolean;
  /** The origin is not asked. */
  readonly onlyIfCached: boolean;
  /** Whether it has conditions that a cache may decide (RFC 9111, section 4.3.2). */
  readonly conditional: boolean;
};

/**
 * What a request is to the cache. One with a range, with conditions that are the origin's alone, or a GET with a body
 * bypasses it: none of them asks for what is kept.
 */
export function classify(
  request: IncomingMessage,
  scheme: string,
  honoured: HonouredDirectives,
): CacheableRequest | 'bypass' | 'unsafe' {
  const { method = 'GET', headers } = request;
  if (method !== 'GET' && method !== 'HEAD') return isUnsafe(method) ? 'unsafe' : 'bypass';
  if (headers.range !== undefined || headers['if-match'] !== undefined || headers['if-unmodified-since'] !== undefined)
    return 'bypass';
  if (headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0') return 'bypass';
  const authorized = headers.authorization !== undefined;
  const cookies = headers.cookie !== undefined;
  const control = honoured === 'none' ? undefined : headers['cache-control'];
  const asked = control === undefined ? undefined : parseRequestDirectives(control);
  return {
    method,
    key: keyOf(addressOf(request, scheme)),
    headers,
    wishes: wishes(authorized, cookies, honoured === 'all' ? asked : undefined),
    noStore: asked?.noStore ?? false,
    onlyIfCached: asked?.onlyIfCached ?? false,
    conditional: headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined,
  };
}

/** Where a request goes. */
export function addressOf({ headers, url = '/' }: IncomingMessage, scheme: string): Address {
  return { scheme, host: (headers.host ?? '').toLowerCase(), target: url };
}

/** Key of the answers for an address; it has line breaks, which no part of an address can have. */
export function keyOf({ scheme, host, target }: Address): string {
  return `${scheme}\n${host}\n${target}`;
}

function wishes(authorized: boolean, cookies: boolean, asked: ReturnType<typeof parseRequestDirectives> | undefined) {
  if (asked) return { authorized, cookies, ...wishesOf(asked) };
  return authorized || cookies ? { ...NO_WISHES, authorized, cookies } : NO_WISHES;
}
