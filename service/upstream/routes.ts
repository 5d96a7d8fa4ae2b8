import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  complete,
  parseCompletionRequest,
  parseResponseRequest,
  type Completion,
  type CompletionRequest,
} from './completion.ts';
import { embed } from './embeddings.ts';
import { createPayments } from './payments.ts';
import { createProviderLimits } from './provider-limits.ts';
import { readJson } from './request-body.ts';
import type { SearchIndex } from './search-index.ts';
import { completionObject, streamCompletion, type CompletionSettings } from './send-completion.ts';
import { responseObject, streamResponse } from './send-response.ts';
import { refuseAsTold, toldFault } from './told-faults.ts';
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
  const answerAs = async (asked: CompletionRequest, response: ServerResponse, form: Form): Promise<void> => {
    const fault = toldFault(asked.model);
    refuseAsTold(fault);
    const completion = complete(asked, requireIndex());
    const { length } = completion.tokens;
    const headers = { 'cache-control': 'no-store', ...limitsAfter(asked.promptTokens + length * asked.answers) };
    const answer = {
      id: nextId(),
      created: Math.floor(now() / 1000),
      chunkPauseMs: fault === 'slow' ? SLOW_MS : fault === 'stall' ? STALL_MS : chunkPauseMs,
      headers,
      cutAfter: fault === 'cut' ? Math.ceil(length / 2) : undefined,
    };
    if (fault === 'html') sendHtml(response);
    else if (fault === 'error-in-200')
      sendJson(response, 200, new UpstreamError(503, 'overloaded', 'The model has too much to do.'));
    else if (asked.stream)
      await form.send(
        response,
        { ...asked, includeUsage: asked.includeUsage && fault !== 'no-usage' },
        completion,
        answer,
      );
    else if (fault === 'stall') await once(response, 'close');
    else if (fault === 'cut') cutOff(response);
    else {
      const { usage, ...rest } = form.whole(asked, completion, answer) as { readonly usage: object };
      sendJson(response, 200, fault === 'no-usage' ? rest : { ...rest, usage }, headers);
    }
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
        await answerAs(asked, response, { send: streamCompletion, whole: completionObject });
      },
    },
    '/v1/responses': {
      method: 'POST',
      async handle(_parameters, request, response) {
        const asked = parseResponseRequest(await readJson(request, maxBodyBytes));
        await answerAs(asked, response, { send: streamResponse, whole: responseObject });
      },
    },
    '/v1/embeddings': {
      method: 'POST',
      async handle(_parameters, request, response) {
        const body = await readJson(request, maxBodyBytes);
        const { answer, tokens } = embed(body);
        refuseAsTold(toldFault(String((body as { readonly model: unknown }).model)));
        sendJson(response, 200, answer, { 'cache-control': 'no-store', ...limitsAfter(tokens) });
      },
    },
    '/v1/models': {
      method: 'GET',
      handle(_parameters, _request, response) {
        const data = [{ id: 'sample', object: 'model', created: 0, owned_by: 'sample' }];
        sendJson(response, 200, { object: 'list', data }, { 'cache-control': 'no-store' });
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

/** How one interface tells an answer. */
type Form = {
  readonly send: (
    response: ServerResponse,
    asked: CompletionRequest,
    completion: Completion,
    settings: CompletionSettings,
  ) => Promise<void>;
  readonly whole: (asked: CompletionRequest, completion: Completion, settings: CompletionSettings) => object;
};

/** What a model that was told to be slow, or to stall, waits for between two chunks. */
const SLOW_MS = 200;
const STALL_MS = 3_600_000;

function sendHtml(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Bad gateway</body></html>');
}

/** Promises more than it sends. */
function cutOff(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"id":', () => response.destroy());
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
