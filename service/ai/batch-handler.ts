import type { Handler } from '../gateway/exchange.ts';
import { replyTo } from '../gateway/listener.ts';
import { inOpenaiShape } from '../gateway/openai-error.ts';
import { Problem } from '../gateway/problem.ts';
import { json, type Reply } from '../gateway/reply.ts';
import { sessionOf, type ModelQuestion } from './model-handler.ts';

/** Settings of the handler. */
export type BatchOptions = {
  /** Answers one question. */
  readonly answer: (question: ModelQuestion) => Promise<Reply>;
  /** Questions of one batch that are asked at once. */
  readonly concurrency: number;
  /** Told of each error of the gateway's own that a question is answered with. */
  readonly onError: (error: unknown) => void;
};

/** What became of one question of a batch. */
type Item = { readonly index: number; readonly status: number; readonly body: unknown };

/**
 * POST /v1/batch: several chats in one request, some of them at once, each held to the limits of its model, each with an
 * answer or an error of its own, in the order in which they were asked.
 */
export function createBatchHandler({ answer, concurrency, onError }: BatchOptions): Handler {
  return async function batch(exchange) {
    const { caller, body, signal, route, startedAt, traceContext: trace } = exchange;
    const { requests } = body as { readonly requests: readonly object[] };
    const items: Item[] = [];
    const ask = async (index: number): Promise<Item> => {
      const question = { ...requests[index], stream: false };
      const bytes = Buffer.from(JSON.stringify(question));
      let reply: Reply;
      try {
        reply = await answer({
          caller,
          body: question,
          bytes,
          signal,
          remainingMs: () => exchange.remainingMs,
          lane: route.lane,
          trace,
          session: sessionOf(exchange.request.headers['x-session-id'], question),
          startedAt,
          onModel: () => undefined,
        });
      } catch (error) {
        // Whoever left, or ran out of time, has no use for the others either.
        signal.throwIfAborted();
        if (!(error instanceof Problem)) onError(error);
        reply = inOpenaiShape(replyTo(error));
      }
      return { index, status: reply.status, body: JSON.parse(textOf(reply)) as unknown };
    };
    let next = 0;
    const work = async (): Promise<void> => {
      for (let index = next++; index < requests.length; index = next++) items[index] = await ask(index);
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, requests.length) }, work));
    return json(200, { object: 'list', data: items }, ['cache-control', 'no-store']);
  };
}

/** Questions of a batch are no streams, so their answers are whole. */
function textOf({ body }: Reply): string {
  return typeof body === 'string' || Buffer.isBuffer(body) ? body.toString() : 'null';
}
