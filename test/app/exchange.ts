import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { definition, type Route } from '../../service/definition/index.ts';
import { Exchange, type Caller, type Handler } from '../../service/gateway/exchange.ts';

/** What a test says about a request; the rest is what the pipeline would have left. */
export type ExchangeInit = {
  readonly method?: string;
  readonly clientAddress?: string;
  readonly caller?: Caller;
  readonly headers?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/** A request as a handler sees it, after every stage of the pipeline. */
export function exchangeFor(id: string, handler: Handler, init: ExchangeInit = {}): Exchange {
  const route: Route | undefined = definition.dev.routes[id];
  if (!route) throw new Error(`the definition has no route ${id}`);
  const exchange = new Exchange({
    request: { method: init.method ?? route.method, headers: init.headers ?? {} } as unknown as IncomingMessage,
    response: Object.assign(new EventEmitter(), { writableFinished: false }) as unknown as ServerResponse,
    requestId: 'test',
    route: { ...route, id, handler },
    params: init.params ?? {},
    search: '',
    startedAt: performance.now(),
  });
  exchange.clientAddress = init.clientAddress ?? '192.0.2.1';
  exchange.caller = init.caller ?? { id: 'user:ada', kind: 'session', owner: 'ada' };
  exchange.query = init.query ?? {};
  exchange.body = init.body;
  exchange.rawBody = init.body === undefined ? undefined : Buffer.from(JSON.stringify(init.body));
  return exchange;
}

/** The client of an exchange leaves before its answer. */
export function leave(exchange: Exchange): void {
  exchange.response.emit('close');
}
