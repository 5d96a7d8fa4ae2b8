import { UpstreamError } from './upstream-error.ts';
import type { SearchIndex } from './search-index.ts';

/** A tool that the model may have called. */
export type Tool = { readonly name: string };

/** What a client asks of the model. */
export type CompletionRequest = {
  readonly model: string;
  /** The text of the last message of the user. */
  readonly question: string;
  readonly stream: boolean;
  /** Whether a stream ends with a chunk that tells the usage. */
  readonly includeUsage: boolean;
  /** How many answers. */
  readonly answers: number;
  /** Tokens at which the answer is cut off. */
  readonly maxTokens: number;
  /** Texts at which it ends, without them. */
  readonly stop: readonly string[];
  /** The tool that it calls instead of answering: the first one, as long as no result of it is among the messages. */
  readonly tool: Tool | undefined;
  /** Whether the answer is to be JSON. */
  readonly isJson: boolean;
  readonly promptTokens: number;
};

/** What the model answers. */
export type Completion = {
  /** The answer, or the arguments of the tool, in pieces; joined they are the text. */
  readonly tokens: readonly string[];
  readonly finishReason: 'stop' | 'length' | 'tool_calls';
};

const RESULTS = 3;
const MAX_ANSWERS = 8;

/** Checks the body of a chat completion. Throws an UpstreamError that names the field that is wrong. */
export function parseCompletionRequest(body: unknown): CompletionRequest {
  const fields = asRecord(body);
  const { messages, stream, stream_options, max_tokens, max_completion_tokens, n, tool_choice } = fields;
  if (!Array.isArray(messages)) throw invalid('messages must be a list of messages.', 'messages');
  const said = messages.map((message) => ({ role: asRecord(message).role, text: messageText(message) }));
  const question = said.findLast(({ role }) => role === 'user')?.text;
  if (question === undefined) throw invalid("messages must hold a message with the role 'user'.", 'messages');
  const answers = n ?? 1;
  if (!Number.isInteger(answers) || Number(answers) < 1 || Number(answers) > MAX_ANSWERS)
    throw invalid(`n must be a whole number from 1 to ${MAX_ANSWERS}.`, 'n');
  const mayCall = tool_choice !== 'none' && said.at(-1)?.role !== 'tool';
  return {
    model: requireModel(fields),
    question,
    stream: stream === true,
    includeUsage: asRecord(stream_options).include_usage === true,
    answers: Number(answers),
    maxTokens: parseMaxTokens(max_completion_tokens ?? max_tokens, 'max_tokens'),
    stop: [fields.stop].flat().filter((text) => typeof text === 'string'),
    tool: mayCall ? firstTool(fields.tools) : undefined,
    isJson: String(asRecord(fields.response_format).type).startsWith('json'),
    promptTokens: said.reduce((sum, { text }) => sum + tokenize(text).length, 0),
  };
}

/** Checks the body of `POST /v1/responses`. Throws an UpstreamError that names the field that is wrong. */
export function parseResponseRequest(body: unknown): CompletionRequest {
  const fields = asRecord(body);
  const { input, stream, max_output_tokens } = fields;
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
  if (!Array.isArray(items)) throw invalid('input must be a text or a list of items.', 'input');
  const texts = items.map(messageText);
  return {
    model: requireModel(fields),
    question: texts.at(-1) ?? '',
    stream: stream === true,
    includeUsage: true,
    answers: 1,
    maxTokens: parseMaxTokens(max_output_tokens, 'max_output_tokens'),
    stop: [],
    tool: undefined,
    isJson: false,
    promptTokens: texts.reduce((sum, text) => sum + tokenize(text).length, 0),
  };
}

/** The name of a model in a body. Throws an UpstreamError where there is none. */
export function requireModel({ model }: Readonly<Record<string, unknown>>): string {
  if (typeof model !== 'string' || model === '') throw invalid('model must be the name of a model.', 'model');
  return model;
}

/** Answers from the best packages for the question; the same question always gets the same answer. */
export function complete(asked: CompletionRequest, index: SearchIndex): Completion {
  const { question, maxTokens, stop, tool, isJson } = asked;
  if (tool) return { tokens: tokenize(JSON.stringify({ query: question })), finishReason: 'tool_calls' };
  const { results } = index.search(question, RESULTS);
  const found =
    results.length === 0
      ? 'No README of the installed packages says anything about this.'
      : [
          'The READMEs of the installed packages say:',
          ...results.map(({ package: name, snippet }, place) => `${place + 1}. ${name}: ${snippet}`),
        ].join('\n');
  const answer = isJson ? JSON.stringify({ answer: found }) : found;
  const ends = stop.map((text) => answer.indexOf(text)).filter((place) => place >= 0);
  const tokens = tokenize(answer.slice(0, Math.min(answer.length, ...ends)));
  return { tokens: tokens.slice(0, maxTokens), finishReason: tokens.length > maxTokens ? 'length' : 'stop' };
}

/** Words and marks with the space before them: close enough to a model's tokens for counting. */
export function tokenize(text: string): string[] {
  return text.match(/\s*(?:[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_])|\s+$/gu) ?? [];
}

/** A value as an object; an empty one for any other. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** A refusal of a field. */
export function invalid(message: string, param: string): UpstreamError {
  return new UpstreamError(400, 'invalid_request', message, { param });
}

function parseMaxTokens(value: unknown, name: string): number {
  if (value === undefined || value === null) return Number.MAX_SAFE_INTEGER;
  if (!Number.isInteger(value) || Number(value) < 1) throw invalid(`${name} must be a whole number from 1.`, name);
  return Number(value);
}

function firstTool(tools: unknown): Tool | undefined {
  if (!Array.isArray(tools)) return undefined;
  const { name } = asRecord(asRecord(tools[0]).function);
  return typeof name === 'string' ? { name } : undefined;
}

function messageText(message: unknown): string {
  const { content } = asRecord(message);
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part) => asRecord(part).text)
    .filter((text) => typeof text === 'string')
    .join('\n');
}
