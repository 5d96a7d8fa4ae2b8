import { request as send, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAnswerCache, createMemorySharedTier } from '../../service/cache/index.ts';
import { definition, withValues, type Route, type Service } from '../../service/definition/index.ts';
import type { Handler } from '../../service/gateway/exchange.ts';
import { FastListener } from '../../service/gateway/fast/index.ts';
import { createListener, type ListenerOptions } from '../../service/gateway/listener.ts';
import {
  createHitPipeline,
  createPipeline,
  createProxyPipeline,
  type ApplicationPipelineOptions,
  type HitPipeline,
} from '../../service/gateway/pipeline.ts';
import { createProxyHandler, createProxyRouter } from '../../service/gateway/proxy.ts';
import { createRouter } from '../../service/gateway/router.ts';
import type { Outcome } from '../../service/gateway/sender.ts';
import { createUpstreamClient } from '../../service/gateway/upstream/index.ts';
import { createMemoryLimits } from '../../service/limit/index.ts';
import { createLanes } from '../../service/resilience/index.ts';
import type { Tracer } from '../../service/telemetry/trace/index.ts';

/** A gateway in this process, on a free port. */
export type TestGateway = {
  readonly port: number;
  readonly outcomes: Outcome[];
  close(): Promise<void>;
};

/** Starts a gateway with these handlers for the definition's routes; routes without one answer 200 and their name. */
export async function startGateway(
  handlers: Readonly<Record<string, Handler>> = {},
  options: {
    service?: Service;
    routes?: Readonly<Record<string, Route>>;
    isDraining?: () => boolean;
    tracer?: Tracer;
  } & Partial<ApplicationPipelineOptions> = {},
): Promise<TestGateway> {
  const service = options.service ?? withValues(definition.dev, ['limits.address=1000/min']);
  const routes = options.routes ?? service.routes;
  const outcomes: Outcome[] = [];
  const answers = Object.keys(routes).map((id): [string, Handler] => [
    id,
    () => ({ status: 200, headers: [], body: Buffer.from(id) }),
  ]);
  let requests = 0;
  const pipeline: ApplicationPipelineOptions = {
    ...pipelineParts(service),
    limitStore: createMemoryLimits({ trackedCallers: 100 }),
    credentials: {
      key: () => Promise.resolve(undefined),
      session: (token) => Promise.resolve(token === 'good' ? 'alice' : undefined),
    },
    ...options,
  };
  const server = createServer({
    service,
    router: createRouter(routes, { ...Object.fromEntries(answers), ...handlers }),
    answer: createPipeline(pipeline),
    hits: createHitPipeline(pipeline),
    nextId: () => `id-${requests++}`,
    onStart: () => undefined,
    onEnd: (outcome) => outcomes.push(outcome),
    isDraining: options.isDraining ?? (() => false),
    tracer: options.tracer,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    outcomes,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What every pipeline needs, without anything shared. */
function pipelineParts(service: Service) {
  return {
    service,
    cache: createAnswerCache({
      settings: service.cache,
      shared: createMemorySharedTier({ maxBytes: 1 << 20 }),
      maxBytes: 1 << 20,
      onError: () => undefined,
    }),
    lanes: createLanes({ settings: service.resilience }),
    onDecision: () => undefined,
    onLookup: () => undefined,
  };
}

/** The listener that the definition names; the fast one has no way of its own where there is none for hits. */
function createServer({ hits, ...options }: ListenerOptions & { readonly hits: HitPipeline }) {
  return options.service.gateway.listener === 'fast' ? new FastListener({ ...options, hits }) : createListener(options);
}

/** No request is a hit: a fast listener hands everything off. */
const NO_HITS: HitPipeline = { find: () => undefined, limit: () => undefined };

/** Starts a gateway in front of an origin, without limits. */
export async function startProxyGateway(origin: string, service: Service = definition.dev): Promise<TestGateway> {
  const outcomes: Outcome[] = [];
  const upstream = createUpstreamClient({ origin, settings: service.upstream, onAttempt: () => undefined });
  const handler = createProxyHandler(upstream);
  let requests = 0;
  const server = createServer({
    service,
    hits: NO_HITS,
    router: createProxyRouter(handler, service.gateway.requestTimeout),
    answer: createProxyPipeline({ ...pipelineParts(service), limitStore: undefined, origin: handler }),
    nextId: () => `id-${requests++}`,
    onStart: () => undefined,
    onEnd: (outcome) => outcomes.push(outcome),
    isDraining: () => false,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    outcomes,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await upstream.close();
    },
  };
}

/** One answer, read whole. */
export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string };

/** Sends one request on a connection of its own and reads the answer whole. */
export function ask(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: string | Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = send({ port, host: '127.0.0.1', method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}
