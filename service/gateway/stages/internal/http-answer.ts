import {
  ageMs,
  fieldValue,
  forwardStatus,
  hitStatus,
  isNotModified,
  notModifiedFields,
  withoutFields,
  type Forwarding,
  type StoredResponse,
} from '../../../cache/http/index.ts';
import type { Exchange } from '../../exchange.ts';
import type { Reply } from '../../reply.ts';
import type { CacheableRequest } from './http-request.ts';

/** The value of X-Cache: whether the origin was asked, and what for. */
export type CacheLabel = 'HIT' | 'MISS' | 'STALE' | 'BYPASS';

/**
 * A kept answer for a request: with its age, as 304 where the client has it already, without its body for HEAD (RFC
 * 9111, sections 4 and 4.3.2). `forwarding` tells that the origin was asked after all.
 */
export function answerFromStore(
  exchange: Exchange,
  request: CacheableRequest,
  kept: StoredResponse,
  label: CacheLabel,
  { name, now, forwarding }: { name: string; now: number; forwarding?: Forwarding },
): Reply {
  const { cacheStatus } = kept.meta;
  const status = forwarding
    ? forwardStatus(name, forwarding, cacheStatus)
    : hitStatus(name, kept.expiresAt - now, cacheStatus);
  const age = String(Math.floor(ageMs(kept, now) / 1_000));
  exchange.replyHeaders.push('x-cache', label, 'cache-status', status, 'age', age);
  if (request.conditional && isNotModified(request.headers, kept))
    return { status: 304, headers: notModifiedFields(kept.headers), body: null };
  if (kept.status === 204) return { status: 204, headers: kept.headers, body: null };
  if (request.method === 'GET') return kept;
  const headers = [...kept.headers, 'content-length', String(kept.body.length)];
  return { status: kept.status, headers, body: null };
}

/** The origin's answer for the client, with what this cache made of it. */
export function answerFromOrigin(
  exchange: Exchange,
  reply: Reply,
  label: CacheLabel,
  { name, forwarding }: { name: string; forwarding: Forwarding },
): Reply {
  const nearer = fieldValue(reply.headers, 'cache-status');
  exchange.replyHeaders.push('x-cache', label, 'cache-status', forwardStatus(name, forwarding, nearer));
  const isReplaced = (header: string): boolean => header === 'cache-status' || header === 'x-cache';
  return reply.headers.some(isReplaced) ? { ...reply, headers: withoutFields(reply.headers, isReplaced) } : reply;
}
