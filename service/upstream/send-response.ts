import type { ServerResponse } from 'node:http';
import type { Completion, CompletionRequest } from './completion.ts';
import { sendEvents, type CompletionSettings, type EventStep } from './send-completion.ts';

/** The answer as one JSON object (`response`). */
export function responseObject(
  request: CompletionRequest,
  completion: Completion,
  { id, created }: Pick<CompletionSettings, 'id' | 'created'>,
): object {
  return envelope(
    request,
    { id, created },
    'completed',
    [message(id, completion.tokens.join(''))],
    usage(request, completion),
  );
}

/** Sends the answer as the events of `POST /v1/responses`, one delta a token. Stops when the client leaves. */
export async function streamResponse(
  response: ServerResponse,
  request: CompletionRequest,
  completion: Completion,
  { id, created, headers, ...pace }: CompletionSettings,
): Promise<void> {
  const text = completion.tokens.join('');
  const place = { item_id: `msg_${id}`, output_index: 0, content_index: 0 };
  const begun = envelope(request, { id, created }, 'in_progress', [], null);
  const whole = message(id, text);
  const rows: readonly (readonly [type: string, fields: object])[] = [
    ['response.created', { response: begun }],
    ['response.in_progress', { response: begun }],
    ['response.output_item.added', { output_index: 0, item: { ...whole, status: 'in_progress', content: [] } }],
    ['response.content_part.added', { ...place, part: part('') }],
    ...completion.tokens.map((delta) => ['response.output_text.delta', { ...place, delta, logprobs: [] }] as const),
    ['response.output_text.done', { ...place, text, logprobs: [] }],
    ['response.content_part.done', { ...place, part: part(text) }],
    ['response.output_item.done', { output_index: 0, item: whole }],
    ['response.completed', { response: responseObject(request, completion, { id, created }) }],
  ];
  const steps = rows.map(([type, fields], sequence): EventStep => ({
    event: type,
    data: [JSON.stringify({ type, sequence_number: sequence, ...fields })],
    waits: type === 'response.output_text.delta',
  }));
  await sendEvents(response, headers, pace, steps);
}

function envelope(
  { model }: CompletionRequest,
  { id, created }: Pick<CompletionSettings, 'id' | 'created'>,
  status: string,
  output: readonly object[],
  used: object | null,
): object {
  return {
    id,
    object: 'response',
    created_at: created,
    status,
    error: null,
    incomplete_details: null,
    model,
    output,
    parallel_tool_calls: false,
    tools: [],
    usage: used,
  };
}

function message(id: string, text: string): object {
  return { id: `msg_${id}`, type: 'message', status: 'completed', role: 'assistant', content: [part(text)] };
}

function part(text: string): object {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

function usage({ promptTokens }: CompletionRequest, { tokens }: Completion): object {
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: tokens.length,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: promptTokens + tokens.length,
  };
}
