import { request as send, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ResponseCache } from '../../service/cache/index.ts';
import { definition, withValues, type Route, type Service } from '../../service/definition/index.ts';
import type { Handler } from '../../service/gateway/exchange.ts';
import { createListener } from '../../service/gateway/listener.ts';
import { createPipeline, type PipelineOptions } from '../../service/gateway/pipeline.ts';
import { createRouter } from '../../service/gateway/router.ts';
import type { Outcome } from '../../service/gateway/sender.ts';
import { createMemoryLimits } from '../../service/limit/index.ts';
import { createMemoryKeyValue } from '../../service/store/memory-key-value.ts';

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
  } & Partial<PipelineOptions> = {},
): Promise<TestGateway> {
  const service = options.service ?? withValues(definition.dev, ['limits.address=1000/min']);
  const routes = options.routes ?? service.routes;
  const outcomes: Outcome[] = [];
  const answers = Object.keys(routes).map((id): [string, Handler] => [
    id,
    () => ({ status: 200, headers: [], body: Buffer.from(id) }),
  ]);
  let requests = 0;
  const server = createListener({
    service,
    router: createRouter(routes, { ...Object.fromEntries(answers), ...handlers }),
    answer: createPipeline({
      service,
      limitStore: createMemoryLimits({ trackedCallers: 100 }),
      credentials: {
        key: () => Promise.resolve(undefined),
        session: (token) => Promise.resolve(token === 'good' ? 'alice' : undefined),
      },
      cache: new ResponseCache({
        shared: createMemoryKeyValue({ maxBytes: 1 << 20 }),
        maxBytes: 1 << 20,
        onError: () => undefined,
      }),
      onDecision: () => undefined,
      onLookup: () => undefined,
      ...options,
    }),
    nextId: () => `id-${requests++}`,
    onStart: () => undefined,
    onEnd: (outcome) => outcomes.push(outcome),
    isDraining: options.isDraining ?? (() => false),
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
