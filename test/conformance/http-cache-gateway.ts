import {
  createServer,
  request as send,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTiers } from '../cache/http/tiers.ts';
import { formatHttpDate } from '../../service/cache/http/index.ts';
import { definition, withValues } from '../../service/definition/index.ts';
import { createListener } from '../../service/gateway/listener.ts';
import { createProxyHandler, createProxyRouter } from '../../service/gateway/proxy.ts';
import { httpCache, type HttpCacheOptions } from '../../service/gateway/stages/http-cache.ts';
import { createUpstreamClient } from '../../service/gateway/upstream/index.ts';
import type { OriginAnswer, Value } from './http-cache-row.ts';

/** A request as the origin got it. */
export type SeenRequest = { readonly method: string; readonly url: string; readonly headers: IncomingHttpHeaders };

/** A gateway with a cache in front of an origin that answers by a script, both real, on one clock that a test sets. */
export type CachingGateway = {
  readonly port: number;
  /** Wall clock of cache and origin, in milliseconds. */
  readonly clock: { now: number };
  readonly seen: readonly SeenRequest[];
  readonly events: readonly string[];
  readonly lookups: readonly string[];
  /** Of each request that the cache answered, whether it waited for anything. */
  readonly waited: readonly boolean[];
  close(): Promise<void>;
};

/** When every exchange begins. */
export const START = Date.UTC(2030, 0, 7, 12);

/** Host of every request that names no other. */
export const HOST = 'a.test';

/** Starts both on free ports. */
export async function startCachingGateway(
  answers: readonly OriginAnswer[],
  options: Partial<HttpCacheOptions> = {},
): Promise<CachingGateway> {
  const clock = { now: START };
  const seen: SeenRequest[] = [];
  const events: string[] = [];
  const lookups: string[] = [];
  const waited: boolean[] = [];
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request;
    seen.push({ method, url, headers });
    request.resume();
    const answer = answers[Math.min(seen.length, answers.length) - 1] ?? {};
    const { status = 200, body = `answer ${seen.length}`, after = 0, broken, chunked, hold, holdBody } = answer;
    clock.now += after * 1_000;
    await hold;
    if (broken === 'head') {
      request.socket.destroy();
      return;
    }
    const fields: [string, string][] = [];
    // On a connection that it has used before, a client may try once more what got no answer.
    const given: Record<string, Value> = {
      date: formatHttpDate(clock.now),
      connection: 'close',
      ...answer.headers,
    };
    for (const [name, value] of Object.entries(given)) {
      const lines = typeof value === 'function' ? [value(clock.now)] : [value].flat();
      for (const line of lines) if (line !== '') fields.push([name, line]);
    }
    const hasBody = status !== 304 && status !== 204;
    const length = Buffer.byteLength(body) + (broken ? 100 : 0);
    if (hasBody && !chunked) fields.push(['content-length', String(length)]);
    response.sendDate = false;
    response.writeHead(status, fields.flat());
    if (hasBody && holdBody) {
      response.write(body.slice(0, 2));
      await holdBody;
      if (broken) request.socket.destroy();
      else response.end(body.slice(2));
    } else if (broken) response.write(body, () => request.socket.destroy());
    else if (hasBody && chunked) {
      response.write(body.slice(0, 2));
      response.addTrailers(answer.trailers ?? {});
      setImmediate(() => response.end(body.slice(2)));
    } else response.end(hasBody ? body : undefined);
  };
  const origin = await listen(createServer((request, response) => void respond(request, response)));
  const service = withValues(definition.dev, ['upstream.attempts=1', 'upstream.backoff=1ms']);
  const upstream = createUpstreamClient({
    origin: `http://127.0.0.1:${portOf(origin)}`,
    settings: service.upstream,
    onAttempt: () => undefined,
  });
  const proxy = createProxyHandler(upstream);
  const cache = httpCache({
    tiers: createTiers(() => clock.now),
    name: service.name,
    origin: proxy,
    settings: service.cache,
    onLookup: (result) => lookups.push(result),
    onEvent: (event) => events.push(event),
    now: () => clock.now,
    ...options,
  });
  let requests = 0;
  const gateway = await listen(
    createListener({
      service,
      router: createProxyRouter(proxy, '10s'),
      answer(exchange) {
        const step = cache(exchange);
        waited.push(step instanceof Promise);
        return step;
      },
      nextId: () => `id-${requests++}`,
      onStart: () => undefined,
      onEnd: () => undefined,
      isDraining: () => false,
    }),
  );
  return {
    port: portOf(gateway),
    clock,
    seen,
    events,
    lookups,
    waited,
    async close() {
      for (const server of [gateway, origin]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      await upstream.close();
    },
  };
}

/** One answer as a client got it; `cut` when it ended before its end. */
export type ClientAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly cut: boolean;
};

/** Sends one request on a connection of its own. */
export function exchange(
  port: number,
  { method = 'GET', path = '/a', headers = {} }: { method?: string; path?: string; headers?: Record<string, string> },
): Promise<ClientAnswer> {
  return new Promise((resolve, reject) => {
    const all = { host: HOST, ...headers };
    const request = send({ port, host: '127.0.0.1', method, path, headers: all, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      const finish = (cut: boolean): void =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
          cut,
        });
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => finish(false));
      response.on('error', () => finish(true));
    });
    request.on('error', reject);
    request.end();
  });
}

async function listen(server: Server): Promise<Server> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
