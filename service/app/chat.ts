import type { Handler } from '../gateway/exchange.ts';
import type { Upstream } from './ports.ts';
import { refuseFailure, wholeReply } from './upstream-answer.ts';

/**
 * POST /v1/chat/completions: the bytes of the body go to the provider as they came, so that fields which the gateway
 * does not know reach it. A stream is passed on as it comes, everything else whole; so is what the provider refuses.
 */
export function createChatHandler(upstream: Upstream): Handler {
  return async function chat({ body, rawBody, signal, remainingMs, route }) {
    const answer = await upstream.fetch({
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { 'content-type': 'application/json' },
      body: rawBody ?? '',
      signal,
      timeoutMs: remainingMs,
      lane: route.lane,
      stream: (body as { stream?: boolean }).stream === true,
      // The provider counts and bills each attempt.
      idempotent: false,
    });
    const { 'content-type': type = '' } = answer.headers;
    if (!type.startsWith('text/event-stream')) {
      const reply = await wholeReply(answer, signal, ['retry-after']);
      return { ...reply, headers: [...reply.headers, 'cache-control', 'no-store'] };
    }
    refuseFailure(answer);
    return {
      status: answer.status,
      headers: ['content-type', 'text/event-stream', 'cache-control', 'no-store'],
      body: answer.body,
    };
  };
}
