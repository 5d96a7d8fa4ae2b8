import type { IncomingMessage } from 'node:http';
import { DetachedExchange } from './detached-exchange.ts';
import type { Exchange, Handler, ServedRoute } from './exchange.ts';
import { answerHeaders, requestHeaders, type ForwardingOptions } from './forwarded-headers.ts';
import { Problem } from './problem.ts';
import type { Reply } from './reply.ts';
import type { Router } from './router.ts';
import type { UpstreamClient, UpstreamResponse } from './upstream/index.ts';

/** Name of the one route of a gateway that stands in front of another origin. */
export const PROXY_ROUTE = 'proxy';

/** Methods that may be sent again when nothing came back (RFC 9110, section 9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);

const NOTHING: readonly string[] = [];
/** Takes away what the client says of its trace, where each attempt says it anew. */
const WITHOUT_TRACE: readonly string[] = ['traceparent', '', 'tracestate', ''];

/** A router that leads every method and path to the handler. */
export function createProxyRouter(handler: Handler, timeout: ServedRoute['timeout']): Router {
  const route: ServedRoute = {
    id: PROXY_ROUTE,
    method: 'GET',
    path: '/',
    lane: 'critical',
    timeout,
    auth: 'optional',
    limited: true,
    errors: 'problem',
    tags: [],
    handler,
  };
  const match = { route, params: {} };
  return () => match;
}

/**
 * Asks the origin. `extra`, flat and with names in lower case, takes the place of the client's headers of these names;
 * with an empty value it takes them away. Rejects as UpstreamClient.fetch does.
 */
export type ProxyHandler = (exchange: Exchange, extra?: readonly string[]) => Reply | Promise<Reply>;

/** Settings of the handler; all have defaults. */
export type ProxyOptions = Partial<ForwardingOptions>;

/** Passes a request to the origin and its answer back, bodies as they come in both directions. */
export function createProxyHandler(upstream: UpstreamClient, options: ProxyOptions = {}): ProxyHandler {
  const forwarding: ForwardingOptions = { name: 'sluice', ...options };
  return function proxy(exchange, extra = NOTHING) {
    const { request, response, route, trace } = exchange;
    const replaced = trace === undefined ? extra : [...extra, ...WITHOUT_TRACE];
    const method = request.method ?? 'GET';
    refuseCoding(request);
    const forwards = forwardsLeft(request);
    if (forwards === 0) return answerForOrigin(method);
    const hasBody = request.headers['transfer-encoding'] !== undefined || hasLength(request);
    return upstream
      .fetch({
        method,
        path: request.url ?? '/',
        headers: requestHeaders(
          exchange,
          forwarding,
          forwards === undefined ? replaced : [...replaced, 'max-forwards', String(forwards - 1)],
        ),
        ...(hasBody ? { body: request } : undefined),
        // Cheaper than the signal, and as good, unless somebody else waits for the answer than who is connected.
        ...(exchange instanceof DetachedExchange ? { signal: exchange.signal } : { client: response }),
        timeoutMs: exchange.remainingMs,
        idempotent: IDEMPOTENT.has(method),
        lane: route.lane,
        stream: request.headers.accept?.includes('text/event-stream') ?? false,
        trace,
      })
      .then((answer) => toReply(exchange, answer));
  };
}

function toReply({ request }: Exchange, { status, fields, body }: UpstreamResponse): Reply {
  const bodiless = request.method === 'HEAD' || status === 204 || status === 304;
  const headers = answerHeaders(fields, bodiless && status !== 204);
  // The origin answered before it had the whole body: what is still coming must not be read as the next request.
  if (!request.complete) headers.push('connection', 'close');
  return { status, headers, body: bodiless ? null : (body.whole ?? body) };
}

/** Throws the Problem `not-implemented` for a body that would not be the same without its coding (RFC 9112, 6.1). */
function refuseCoding({ headers }: IncomingMessage): void {
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    throw new Problem('not-implemented', { detail: 'Of transfer codings, only chunked is understood.' });
}

/** How many further gateways the request may pass (RFC 9110, section 7.6.2); undefined where it does not say. */
function forwardsLeft({ method, headers }: IncomingMessage): number | undefined {
  if (method !== 'OPTIONS' && method !== 'TRACE') return undefined;
  const value = headers['max-forwards'];
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

/** What the gateway answers in the place of an origin that the request must not reach. */
function answerForOrigin(method: string): Reply {
  if (method === 'OPTIONS') return { status: 204, headers: [], body: null };
  throw new Problem('not-implemented', { detail: 'The gateway itself answers no TRACE.' });
}

function hasLength({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return length !== undefined && length !== '0';
}
