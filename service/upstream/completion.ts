import { UpstreamError } from './upstream-error.ts';
import type { SearchIndex } from './search-index.ts';

/** What a client asks of the model. */
export type CompletionRequest = {
  readonly model: string;
  /** The text of the last message of the user. */
  readonly question: string;
  readonly stream: boolean;
  /** Whether a stream ends with a chunk that tells the usage. */
  readonly includeUsage: boolean;
  /** Tokens at which the answer is cut off. */
  readonly maxTokens: number;
  readonly promptTokens: number;
};

/** What the model answers. */
export type Completion = {
  /** The answer in pieces; joined they are the text. */
  readonly tokens: readonly string[];
  readonly finishReason: 'stop' | 'length';
};

const RESULTS = 3;

/** Checks the body of a chat completion. Throws an UpstreamError that names the field that is wrong. */
export function parseCompletionRequest(body: unknown): CompletionRequest {
  const { model, messages, stream, stream_options, max_tokens, max_completion_tokens } = asRecord(body);
  if (typeof model !== 'string' || model === '') throw invalid('model must be the name of a model.');
  if (!Array.isArray(messages)) throw invalid('messages must be a list of messages.');
  const texts = messages.map((message) => ({ role: asRecord(message).role, text: messageText(message) }));
  const question = texts.findLast(({ role }) => role === 'user')?.text;
  if (question === undefined) throw invalid("messages must hold a message with the role 'user'.");
  const maxTokens = max_completion_tokens ?? max_tokens ?? Number.MAX_SAFE_INTEGER;
  if (!Number.isInteger(maxTokens) || Number(maxTokens) < 1) throw invalid('max_tokens must be a whole number from 1.');
  return {
    model,
    question,
    stream: stream === true,
    includeUsage: asRecord(stream_options).include_usage === true,
    maxTokens: Number(maxTokens),
    promptTokens: texts.reduce((sum, { text }) => sum + tokenize(text).length, 0),
  };
}

/** Answers from the best packages for the question; the same question always gets the same answer. */
export function complete({ question, maxTokens }: CompletionRequest, index: SearchIndex): Completion {
  const { results } = index.search(question, RESULTS);
  const text =
    results.length === 0
      ? 'No README of the installed packages says anything about this.'
      : [
          'The READMEs of the installed packages say:',
          ...results.map(({ package: name, snippet }, place) => `${place + 1}. ${name}: ${snippet}`),
        ].join('\n');
  const tokens = tokenize(text);
  return { tokens: tokens.slice(0, maxTokens), finishReason: tokens.length > maxTokens ? 'length' : 'stop' };
}

/** Words and marks with the space before them: close enough to a model's tokens for counting. */
function tokenize(text: string): string[] {
  return text.match(/\s*(?:[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_])|\s+$/gu) ?? [];
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

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function invalid(message: string): UpstreamError {
  return new UpstreamError(400, 'invalid_request', message);
}
