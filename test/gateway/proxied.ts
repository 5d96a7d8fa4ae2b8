import { request, type IncomingHttpHeaders } from 'node:http';
import { text as whole } from 'node:stream/consumers';
import { connect, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { definition, withValues } from '../../service/definition/index.ts';
import { DetachedExchange } from '../../service/gateway/detached-exchange.ts';
import { createListener } from '../../service/gateway/listener.ts';
import { createProxyHandler, createProxyRouter, type ProxyOptions } from '../../service/gateway/proxy.ts';
import type { Outcome } from '../../service/gateway/sender.ts';
import { createUpstreamClient, type UpstreamClient } from '../../service/gateway/upstream/index.ts';
import { startOrigin, type Origin, type Script } from './origin.ts';

/** A gateway without stages in front of an origin. */
export type TestProxy = {
  readonly port: number;
  readonly origin: Origin;
  readonly client: UpstreamClient;
  readonly outcomes: Outcome[];
};

/** Settings of a test's gateway. */
export type TestProxyOptions = ProxyOptions & {
  readonly settings?: readonly string[];
  /** Headers that the gateway puts in the place of the client's. */
  readonly extra?: readonly string[];
  /** Whether the gateway asks on behalf of others than its client. */
  readonly detached?: boolean;
};

/** Gateways of one test file; `closeAll` belongs into its `afterEach`. */
export class TestProxies {
  readonly #closers: (() => unknown)[] = [];

  async start(
    script: Script,
    { settings = [], extra, detached = false, ...options }: TestProxyOptions = {},
  ): Promise<TestProxy> {
    const origin = await startOrigin(script);
    const service = withValues(definition.dev, ['upstream.backoff=10ms', ...settings]);
    const client = createUpstreamClient({
      origin: origin.url,
      settings: service.upstream,
      onAttempt: () => undefined,
    });
    const proxy = createProxyHandler(client, options);
    const outcomes: Outcome[] = [];
    const server: Server = createListener({
      service,
      router: createProxyRouter((exchange) => {
        const { signal } = new AbortController();
        const asker = detached ? new DetachedExchange(exchange, { abandoned: signal, anonymous: false }) : exchange;
        if (detached) exchange.atEnd(() => asker.end());
        return proxy(asker, extra);
      }, '5s'),
      answer: (exchange) => exchange.route.handler(exchange),
      nextId: () => 'id',
      onStart: () => undefined,
      onEnd: (outcome) => outcomes.push(outcome),
      isDraining: () => false,
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#closers.push(
      () => (server as unknown as { closeAllConnections(): void }).closeAllConnections(),
      () => server.close(),
      () => origin.close(),
      () => client.close(),
    );
    return { port: (server.address() as AddressInfo).port, origin, client, outcomes };
  }

  async closeAll(): Promise<void> {
    for (const close of this.#closers.splice(0)) await close();
  }
}

/** A client's connection, and what came on it. */
export type RawClient = {
  readonly socket: Socket;
  /** Everything that came so far, as latin1. */
  text(): string;
  /** Resolves when the connection is closed: whether it was reset. */
  readonly closed: Promise<boolean>;
};

/** Opens a connection and sends bytes. */
export function openRaw(port: number, sent: string): RawClient {
  let text = '';
  let reset = false;
  const socket = connect(port, '127.0.0.1', () => socket.write(sent, 'latin1'));
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => (reset = true));
  const closed = new Promise<boolean>((resolve) => socket.on('close', () => resolve(reset)));
  return { socket, text: () => text, closed };
}

/** Sends one request without a body on a connection of its own and reads the answer whole. */
export function ask(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', method, path, headers, agent: false }, (response) => {
      whole(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        reject,
      );
    })
      .on('error', reject)
      .end();
  });
}
