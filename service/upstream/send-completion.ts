import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Completion, CompletionRequest } from './completion.ts';

/** What an answer needs beside its text. */
export type CompletionSettings = {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  /** Pause between two chunks of a stream in milliseconds. */
  readonly chunkPauseMs: number;
  /** Headers of the answer beside its content type. */
  readonly headers: Readonly<Record<string, string>>;
};

/** The answer as one JSON object (`chat.completion`). */
export function completionObject(
  request: CompletionRequest,
  completion: Completion,
  { id, created }: CompletionSettings,
): object {
  const message = { role: 'assistant', content: completion.tokens.join('') };
  return {
    id,
    object: 'chat.completion',
    created,
    model: request.model,
    choices: [{ index: 0, message, finish_reason: completion.finishReason }],
    usage: usage(request, completion),
  };
}

/**
 * Sends the answer as server-sent events, one `chat.completion.chunk` a token and `[DONE]` at the end.
 * Stops when the client leaves.
 */
export async function streamCompletion(
  response: ServerResponse,
  request: CompletionRequest,
  completion: Completion,
  { id, created, chunkPauseMs, headers }: CompletionSettings,
): Promise<void> {
  const left = new AbortController();
  response.once('close', () => left.abort());
  response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
  const send = async (data: string): Promise<void> => {
    if (!response.write(`data: ${data}\n\n`)) await once(response, 'drain', { signal: left.signal });
  };
  const chunk = (delta: object, finishReason: string | null = null): string =>
    JSON.stringify({
      ...{ id, object: 'chat.completion.chunk', created, model: request.model },
      choices: [{ index: 0, delta, finish_reason: finishReason }],
      ...(request.includeUsage ? { usage: null } : {}),
    });
  try {
    await send(chunk({ role: 'assistant', content: '' }));
    for (const content of completion.tokens) {
      await wait(chunkPauseMs, undefined, { signal: left.signal });
      await send(chunk({ content }));
    }
    await send(chunk({}, completion.finishReason));
    if (request.includeUsage) {
      const head = { id, object: 'chat.completion.chunk', created, model: request.model };
      await send(JSON.stringify({ ...head, choices: [], usage: usage(request, completion) }));
    }
    await send('[DONE]');
    response.end();
  } catch (error) {
    // A client that left wants no more of it; that is how streams often end.
    if (!left.signal.aborted) throw error;
  }
}

function usage({ promptTokens }: CompletionRequest, { tokens }: Completion): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: tokens.length,
    total_tokens: promptTokens + tokens.length,
  };
}
