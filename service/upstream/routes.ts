import type { IncomingMessage, ServerResponse } from 'node:http';
import { complete, parseCompletionRequest } from './completion.ts';
import { createPayments } from './payments.ts';
import { createProviderLimits } from './provider-limits.ts';
import { readJson } from './request-body.ts';
import type { SearchIndex } from './search-index.ts';
import { completionObject, streamCompletion } from './send-completion.ts';
import { UpstreamError } from './upstream-error.ts';

/** One path of the upstream. */
export type UpstreamRoute = {
  readonly method: 'GET' | 'POST';
  /** Answers, or throws an UpstreamError. */
  readonly handle: (query: URLSearchParams, request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
};

/** What the routes need. */
export type RouteSettings = {
  /** Undefined until the packages are indexed. */
  readonly index: () => SearchIndex | undefined;
  readonly isClosing: () => boolean;
  readonly maxBodyBytes: number;
  readonly chunkPauseMs: number;
  /** Names an answer of the model. */
  readonly nextId: () => string;
  /** Wall clock in milliseconds; default Date.now. */
  readonly now?: () => number;
};

const MAX_QUERY = 1_000;
const DEFAULT_LIMIT = 10;

/** The routes by their path. */
export function createRoutes(settings: RouteSettings): Readonly<Record<string, UpstreamRoute>> {
  const { index, isClosing, maxBodyBytes, chunkPauseMs, nextId, now = Date.now } = settings;
  const payments = createPayments();
  const limitsAfter = createProviderLimits(now);
  const requireIndex = (): SearchIndex => {
    const made = index();
    if (made) return made;
    throw new UpstreamError(503, 'indexing', 'The index is being built.', { headers: { 'retry-after': '1' } });
  };
  return {
    '/v1/search': {
      method: 'GET',
      handle(parameters, _request, response) {
        const query = parameters.get('q') ?? '';
        const limit = parameters.get('limit') ?? String(DEFAULT_LIMIT);
        if (query === '' || query.length > MAX_QUERY) {
          throw new UpstreamError(400, 'invalid_query', `q must have 1 to ${MAX_QUERY} characters.`);
        }
        if (!/^([1-9]|[1-4][0-9]|50)$/.test(limit)) {
          throw new UpstreamError(400, 'invalid_query', 'limit must be a whole number from 1 to 50.');
        }
        const { total, results } = requireIndex().search(query, Number(limit));
        sendJson(response, 200, { query, total, results }, { 'cache-control': 'public, max-age=300' });
      },
    },
    '/v1/chat/completions': {
      method: 'POST',
      async handle(_parameters, request, response) {
        const asked = parseCompletionRequest(await readJson(request, maxBodyBytes));
        const completion = complete(asked, requireIndex());
        const headers = {
          'cache-control': 'no-store',
          ...limitsAfter(asked.promptTokens + completion.tokens.length),
        };
        const answer = { id: nextId(), created: Math.floor(now() / 1000), chunkPauseMs, headers };
        if (asked.stream) await streamCompletion(response, asked, completion, answer);
        else sendJson(response, 200, completionObject(asked, completion, answer), headers);
      },
    },
    '/v1/payments': {
      method: 'POST',
      async handle(_parameters, request, response) {
        const key = request.headers['idempotency-key'];
        const payment = payments.pay(key?.toString(), await readJson(request, maxBodyBytes));
        sendJson(response, 200, payment, { 'cache-control': 'no-store' });
      },
    },
    '/livez': {
      method: 'GET',
      handle: (_parameters, _request, response) => sendJson(response, 200, { status: 'ok' }),
    },
    '/readyz': {
      method: 'GET',
      handle(_parameters, _request, response) {
        requireIndex();
        if (isClosing()) throw new UpstreamError(503, 'stopping', 'The upstream is stopping.');
        sendJson(response, 200, { status: 'ok' });
      },
    },
  };
}

function sendJson(
  response: ServerResponse,
  status: number,
  value: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}
