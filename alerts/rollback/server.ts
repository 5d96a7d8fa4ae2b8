import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Log } from '../../service/telemetry/log.ts';
import { Refusal, REFUSALS, sendRefusal } from './webhook/refusal.ts';
import type { Delivery } from './webhook/webhook.ts';

/** What the guard's port takes and tells. */
export type GuardServerOptions = {
  /** Takes a notification of Alertmanager, or throws a Refusal. */
  readonly takeAlerts: (request: IncomingMessage) => Promise<Delivery>;
  /** Told what became of each delivery; `busy`: it should come again. */
  readonly onDelivery: (result: Delivery | 'refused' | 'busy') => void;
  /** Whether the API server has been reached; a guard that does not lead is ready too. */
  readonly isReady: () => boolean;
  /** The text of the metrics. */
  readonly metrics: () => Promise<string>;
  /** What people ask for, as JSON. */
  readonly status: () => object;
  readonly log: Pick<Log, 'warn' | 'error'>;
};

type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** The prefix and format that Prometheus asks for. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

// Alertmanager, Prometheus and the kubelet have one or two each; more are nobody we know.
const MAX_CONNECTIONS = 100;

/** The guard's port, without listening: alerts, health, metrics, and where it is with a release. */
export function createGuardServer(options: GuardServerOptions): Server {
  const { takeAlerts, onDelivery, isReady, metrics, status, log } = options;
  const routes: Readonly<Record<string, { readonly method: 'GET' | 'POST'; readonly answer: Answer }>> = {
    '/alerts': {
      method: 'POST',
      async answer(request, response) {
        onDelivery(await takeAlerts(request));
        response.writeHead(202).end();
      },
    },
    '/livez': { method: 'GET', answer: (_, response) => sendText(response, 200, 'ok\n') },
    '/readyz': {
      method: 'GET',
      answer: (_, response) =>
        isReady() ? sendText(response, 200, 'ok\n') : sendText(response, 503, 'the API server was not reached yet\n'),
    },
    '/metrics': {
      method: 'GET',
      answer: async (_, response) => sendText(response, 200, await metrics(), METRICS_TYPE),
    },
    '/status': {
      method: 'GET',
      answer: (_, response) => sendText(response, 200, `${JSON.stringify(status())}\n`, 'application/json'),
    },
  };
  const refuse = (request: IncomingMessage, response: ServerResponse, path: string, refusal: Refusal): void => {
    const { code, message, cause } = refusal;
    const isBusy = REFUSALS[code].status === 503;
    if (path === '/alerts') onDelivery(isBusy ? 'busy' : 'refused');
    log.warn({ code, reason: message, from: request.socket.remoteAddress, err: cause }, 'request refused');
    const allow = code === 'method-not-allowed' ? { allow: routes[path]?.method ?? '' } : {};
    // What is left of a body that nobody read would be taken for the next request.
    sendRefusal(response, refusal, { ...allow, ...(!request.complete && { connection: 'close' }) });
  };
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    const answer = async (): Promise<void> => {
      if (!route) throw new Refusal('route-not-found', 'there are /alerts, /livez, /readyz, /metrics and /status');
      if (request.method !== route.method) throw new Refusal('method-not-allowed', `${path} takes ${route.method}`);
      await route.answer(request, response);
    };
    answer().catch((error: unknown) => {
      if (error instanceof Refusal) refuse(request, response, path, error);
      else {
        log.error({ err: error }, 'request failed');
        if (response.headersSent) response.destroy();
        else sendText(response, 500, 'the guard failed; its log says why\n');
      }
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.headersTimeout = 5_000;
  server.requestTimeout = 15_000;
  server.keepAliveTimeout = 30_000;
  server.maxRequestsPerSocket = 1_000;
  return server;
}

function sendText(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
