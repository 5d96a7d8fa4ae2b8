import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { definition, toBytes, toMilliseconds } from '../definition/index.ts';
import { createSearchIndex, type SearchIndex } from './search-index.ts';
import { readReadmes } from './readmes.ts';
import { createRoutes, type UpstreamRoute } from './routes.ts';
import type { Observer } from './observe.ts';
import { UpstreamError } from './upstream-error.ts';

/** Settings of the sample upstream; all but the port have defaults. */
export type UpstreamOptions = {
  /** 0 takes any free one. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Folder of installed packages whose READMEs are served; default this project's. */
  readonly modules?: string;
  /** Pause between two chunks of a streamed answer; default 5. */
  readonly chunkPauseMs?: number;
  /** Largest body; default the definition's `gateway.maxBody`. */
  readonly maxBodyBytes?: number;
  /** Told of a request that failed for a reason of ours. */
  readonly onError?: (error: unknown) => void;
  /** Told of each request; default nothing. */
  readonly observe?: Observer;
};

/** A running sample upstream. */
export type RunningUpstream = {
  readonly port: number;
  /** Resolves with the number of packages when the search answers; rejects when the packages cannot be read. */
  readonly ready: Promise<number>;
  /** Takes no new requests, lets those in flight finish for `graceMs` (default 5000), then cuts them. */
  close(graceMs?: number): Promise<void>;
};

const INSTALLED = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** Listens at once and indexes meanwhile: until then `/readyz` and the search answer 503. Rejects when it cannot listen. */
export async function startUpstream(options: UpstreamOptions): Promise<RunningUpstream> {
  const { host = '127.0.0.1', modules = INSTALLED, chunkPauseMs = 5, onError = () => undefined, observe } = options;
  const { gateway, upstream } = definition.dev;
  let index: SearchIndex | undefined;
  let closing = false;
  const routes = createRoutes({
    index: () => index,
    isClosing: () => closing,
    maxBodyBytes: options.maxBodyBytes ?? toBytes(gateway.maxBody),
    chunkPauseMs,
    nextId: () => `chatcmpl-${randomUUID()}`,
  });
  const server = createServer(
    { keepAliveTimeout: toMilliseconds(upstream.serverKeepAlive) },
    function onRequest(request, response) {
      response.once('close', () => closing && setImmediate(() => server.closeIdleConnections()));
      observe?.(request, response, pathOf(request, routes));
      void answer(routes, request, response, onError);
    },
  );
  server.listen(options.port, host);
  await once(server, 'listening');
  const ready = readReadmes(modules).then(async (readmes) => {
    index = await createSearchIndex(readmes);
    return readmes.length;
  });
  return {
    port: (server.address() as AddressInfo).port,
    ready,
    async close(graceMs = 5_000) {
      closing = true;
      await closeServer(server, graceMs);
    },
  };
}

/** The path of a request's route; clients can make up any number of others. */
function pathOf({ url = '' }: IncomingMessage, routes: Readonly<Record<string, UpstreamRoute>>): string {
  const [path = ''] = url.split('?');
  return Object.hasOwn(routes, path) ? path : 'unmatched';
}

async function answer(
  routes: Readonly<Record<string, UpstreamRoute>>,
  request: IncomingMessage,
  response: ServerResponse,
  onError: (error: unknown) => void,
): Promise<void> {
  try {
    const url = URL.parse(`http://upstream${request.url ?? '/'}`);
    if (!url) throw new UpstreamError(400, 'malformed_request', 'The request target is not a path.');
    const route = routes[url.pathname];
    if (!route) throw new UpstreamError(404, 'not_found', `There is no ${url.pathname} here.`);
    if (route.method !== request.method) {
      throw new UpstreamError(405, 'method_not_allowed', `${url.pathname} takes ${route.method}.`, {
        headers: { allow: route.method },
      });
    }
    await route.handle(url.searchParams, request, response);
  } catch (error) {
    refuse(response, error, onError);
  }
}

function refuse(response: ServerResponse, error: unknown, onError: (error: unknown) => void): void {
  if (response.destroyed) return;
  const known = error instanceof UpstreamError;
  if (!known) onError(error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const refusal = known ? error : new UpstreamError(500, 'internal_error', 'The upstream failed.');
  // Whatever is left of a refused body is not read: the connection ends with the answer.
  const headers = refusal.status === 413 ? { ...refusal.headers, connection: 'close' } : refusal.headers;
  response.writeHead(refusal.status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(refusal));
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  const closed = once(server, 'close');
  server.close();
  await closed;
  clearTimeout(cut);
}
