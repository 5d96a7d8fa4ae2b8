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
  /** Chunks after which the connection is cut; default never. */
  readonly cutAfter?: number | undefined;
};

/** The answer as one JSON object (`chat.completion`). */
export function completionObject(
  request: CompletionRequest,
  completion: Completion,
  { id, created }: CompletionSettings,
): object {
  const text = completion.tokens.join('');
  const message = request.tool
    ? {
        role: 'assistant',
        content: null,
        tool_calls: [{ ...callOf(request.tool), function: { name: request.tool.name, arguments: text } }],
      }
    : { role: 'assistant', content: text };
  return {
    id,
    object: 'chat.completion',
    created,
    model: request.model,
    choices: Array.from({ length: request.answers }, (_, index) => ({
      index,
      message,
      finish_reason: completion.finishReason,
    })),
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
  { id, created, headers, ...pace }: CompletionSettings,
): Promise<void> {
  const { tool, answers } = request;
  const chunk = (index: number, delta: object, finishReason: string | null = null): string =>
    JSON.stringify({
      ...{ id, object: 'chat.completion.chunk', created, model: request.model },
      choices: [{ index, delta, finish_reason: finishReason }],
      ...(request.includeUsage ? { usage: null } : {}),
    });
  const delta = (content: string): object =>
    tool ? { tool_calls: [{ index: 0, function: { arguments: content } }] } : { content };
  const first = tool
    ? {
        role: 'assistant',
        content: null,
        tool_calls: [{ index: 0, ...callOf(tool), function: { name: tool.name, arguments: '' } }],
      }
    : { role: 'assistant', content: '' };
  const all = Array.from({ length: answers }, (_, index) => index);
  const last = { id, object: 'chat.completion.chunk', created, model: request.model, choices: [] };
  // One after the other: a long answer is not put together before its first chunk goes.
  function* steps(): Generator<EventStep> {
    yield { data: all.map((index) => chunk(index, first)), waits: false };
    for (const content of completion.tokens)
      yield { data: all.map((index) => chunk(index, delta(content))), waits: true };
    yield { data: all.map((index) => chunk(index, {}, completion.finishReason)), waits: false };
    if (request.includeUsage)
      yield { data: [JSON.stringify({ ...last, usage: usage(request, completion) })], waits: false };
    yield { data: ['[DONE]'], waits: false };
  }
  await sendEvents(response, headers, pace, steps());
}

/** One step of a stream: events that go out together, after the pause where it waits. */
export type EventStep = { readonly data: readonly string[]; readonly waits: boolean; readonly event?: string };

/** Sends events at a pace, at that of the client where it is slower. Stops when the client leaves. */
export async function sendEvents(
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
  { chunkPauseMs, cutAfter = Infinity }: Pick<CompletionSettings, 'chunkPauseMs' | 'cutAfter'>,
  steps: Iterable<EventStep>,
): Promise<void> {
  const left = new AbortController();
  response.once('close', () => left.abort());
  response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
  try {
    let sent = 0;
    for (const { data, waits, event } of steps) {
      if (sent++ >= cutAfter) {
        response.destroy();
        return;
      }
      if (waits) await wait(chunkPauseMs, undefined, { signal: left.signal });
      const name = event === undefined ? '' : `event: ${event}\n`;
      for (const each of data)
        if (!response.write(`${name}data: ${each}\n\n`)) await once(response, 'drain', { signal: left.signal });
    }
    response.end();
  } catch (error) {
    // A client that left wants no more of it; that is how streams often end.
    if (!left.signal.aborted) throw error;
  }
}

function callOf({ name }: { readonly name: string }): { readonly id: string; readonly type: 'function' } {
  return { id: `call_${name}`, type: 'function' };
}

function usage({ promptTokens, answers }: CompletionRequest, { tokens }: Completion): object {
  const completionTokens = tokens.length * answers;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}
