import type { Handler } from '../gateway/exchange.ts';
import type { Upstream } from './ports.ts';
import { wholeReply } from './upstream-answer.ts';

/** GET /v1/search: the upstream's full-text search, whole, so that the cache can keep it. */
export function createSearchHandler(upstream: Upstream): Handler {
  return async function search({ query, signal, remainingMs, route, traceContext }) {
    const answer = await upstream.fetch({
      method: 'GET',
      path: `/v1/search?${new URLSearchParams(query).toString()}`,
      headers: { accept: 'application/json' },
      signal,
      timeoutMs: remainingMs,
      lane: route.lane,
      idempotent: true,
      trace: traceContext,
    });
    return wholeReply(answer, signal);
  };
}
