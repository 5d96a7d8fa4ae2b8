import type { ModelMeter } from '../ai/index.ts';
import type { Handler } from '../gateway/exchange.ts';
import { askedModel, noteAnswered, watchAnswered } from './answered-model.ts';
import type { Upstream } from './ports.ts';
import { refuseFailure, wholeReply } from './upstream-answer.ts';

/**
 * POST /v1/chat/completions: the bytes of the body go to the provider as they came, so that fields which the gateway
 * does not know reach it. A stream is passed on as it comes, everything else whole; so is what the provider refuses.
 */
export function createChatHandler(upstream: Upstream, models?: ModelMeter): Handler {
  return async function chat(exchange) {
    const { body, rawBody, signal, remainingMs, route, startedAt } = exchange;
    const { model, stream } = body as { readonly model?: unknown; readonly stream?: unknown };
    const call = models?.begin(model, startedAt);
    const use = askedModel(model);
    exchange.model = use;
    const answer = await upstream.fetch({
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { 'content-type': 'application/json' },
      body: rawBody ?? '',
      signal,
      timeoutMs: remainingMs,
      lane: route.lane,
      stream: stream === true,
      // The provider counts and bills each attempt.
      idempotent: false,
      trace: exchange.traceContext,
    });
    call?.onHead(answer.headers);
    const { 'content-type': type = '' } = answer.headers;
    if (!type.startsWith('text/event-stream')) {
      const reply = await wholeReply(answer, signal, ['retry-after']);
      if (reply.status === 200) call?.onWhole(reply.body);
      if (use) noteAnswered(use, reply.body);
      return { ...reply, headers: [...reply.headers, 'cache-control', 'no-store'] };
    }
    refuseFailure(answer);
    if (call && answer.status === 200) answer.body.tap(call.watch());
    if (use) answer.body.tap(watchAnswered(use));
    return {
      status: answer.status,
      headers: ['content-type', 'text/event-stream', 'cache-control', 'no-store'],
      body: answer.body,
    };
  };
}
