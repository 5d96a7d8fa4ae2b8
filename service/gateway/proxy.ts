import type { IncomingHttpHeaders } from 'node:http';
import type { Exchange, Handler, ServedRoute } from './exchange.ts';
import type { Router } from './router.ts';
import type { UpstreamClient } from './upstream.ts';

/** Headers that belong to one connection and are not passed on (RFC 9110, section 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Name of the one route of a gateway that stands in front of another origin. */
export const PROXY_ROUTE = 'proxy';

/** Methods that may be sent again when nothing came back (RFC 9110, section 9.2.2), and have no body here. */
const RETRIED = new Set(['GET', 'HEAD', 'OPTIONS']);

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
    tags: [],
    handler,
  };
  const match = { route, params: {} };
  return () => match;
}

/** Passes a request to the origin and its answer back, bodies as they come in both directions. */
export function createProxyHandler(upstream: UpstreamClient): Handler {
  return async function proxy(exchange) {
    const { request } = exchange;
    const method = request.method ?? 'GET';
    const hasBody =
      request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
    const response = await upstream.fetch({
      method,
      path: request.url ?? '/',
      headers: forwardedHeaders(exchange),
      ...(hasBody ? { body: request } : {}),
      signal: exchange.signal,
      idempotent: RETRIED.has(method) && !hasBody,
    });
    const cookies = response.setCookies.flatMap((cookie) => ['set-cookie', cookie]);
    exchange.replyHeaders.push('x-cache', 'BYPASS');
    return {
      status: response.status,
      headers: [...Object.entries(endToEnd(response.headers)).flat(), ...cookies],
      body: response.body,
    };
  };
}

function forwardedHeaders({ request, requestId }: Exchange): Record<string, string> {
  const { host, ...headers } = endToEnd(request.headers);
  const address = request.socket.remoteAddress ?? 'unknown';
  // What a client claims about its own address is not passed on.
  return {
    ...headers,
    ...(host === undefined ? {} : { host, 'x-forwarded-host': host }),
    'x-forwarded-for': address,
    'x-forwarded-proto': 'http',
    'x-request-id': requestId,
  };
}

function endToEnd(headers: IncomingHttpHeaders | Readonly<Record<string, string>>): Record<string, string> {
  const named = (headers.connection ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  const kept = Object.entries(headers).filter(
    ([name]) => !HOP_BY_HOP.has(name) && !named.includes(name) && name !== 'expect',
  );
  return Object.fromEntries(
    kept.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
