import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { toMilliseconds, type Service } from '../definition/index.ts';
import { runInTrace, type Tracer } from '../telemetry/trace/index.ts';
import { Exchange } from './exchange.ts';
import { inOpenaiShape } from './openai-error.ts';
import { Problem, problemReply } from './problem.ts';
import { rawProblem, refuse } from './refusal.ts';
import type { Reply } from './reply.ts';
import { createSender, type Outcome } from './sender.ts';
import type { Router } from './router.ts';
import type { Stage } from './stage.ts';
import { createTargets } from './targets.ts';

/** Settings of the listener. */
export type ListenerOptions = {
  readonly service: Service;
  readonly router: Router;
  /** Turns a request into an answer. */
  readonly answer: Stage;
  /** The client's own address, behind however many trusted proxies; default the address of the connection. */
  readonly clientAddress?: (request: IncomingMessage) => string;
  /** Names a request that brought no id of its own. */
  readonly nextId: () => string;
  /** Told of each request that begins. */
  readonly onStart: () => void;
  /** Told of each request that is over, once. */
  readonly onEnd: (outcome: Outcome) => void;
  /** Told of each answer that broke off after its head was sent, and not by its client; default nothing. */
  readonly onCut?: (exchange: Exchange) => void;
  /** Whether clients are asked to connect elsewhere. */
  readonly isDraining: () => boolean;
  /** Notes what becomes of requests; absent: nothing is traced. */
  readonly tracer?: Tracer | undefined;
};

const MAX_HEADER_BYTES = 16_384;
const MAX_HEADER_WAIT_MS = 20_000;
/** How often connections are looked at that take too long to send a request. */
const SLOW_CLIENT_CHECK_MS = 2_000;
/** Host names, addresses and ports; anything else, a list of several above all, leads two readers to two places. */
const HOST = /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i;
/** Ids that clients may give their requests. */
export const REQUEST_ID = /^[\w.-]{1,64}$/;

/** The HTTP server that clients talk to. Whatever fails becomes an answer; nothing is thrown out of it. */
export function createListener({
  service,
  router,
  answer,
  clientAddress = (request) => request.socket.remoteAddress ?? '',
  nextId,
  onStart,
  onEnd,
  onCut,
  isDraining,
  tracer,
}: ListenerOptions): Server {
  const requestTimeout = toMilliseconds(service.gateway.requestTimeout);
  const keepAliveMs = toMilliseconds(service.gateway.keepAlive);
  const streamTimeoutMs = toMilliseconds(service.gateway.streamTimeout);
  const sendAs = createSender({ streamTimeoutMs, keepAliveMs, onEnd, onCut, isDraining });
  const send: typeof sendAs = (exchange, reply, error) =>
    sendAs(exchange, exchange.route.errors === 'openai' ? inOpenaiShape(reply) : reply, error);
  const requireOneHost = oneHost();
  const routed = createTargets(router);
  const fail = (exchange: Exchange, error: unknown): void => send(exchange, replyTo(error), error);
  const work: Stage = tracer ? traced(answer) : answer;
  const begin = (request: IncomingMessage, response: ServerResponse): { exchange: Exchange; error?: unknown } => {
    const given = request.headers['x-request-id'];
    const requestId = typeof given === 'string' && REQUEST_ID.test(given) ? given : nextId();
    const startedAt = performance.now();
    try {
      requireOneHost(request);
      const { route, params, search, memo } = routed(request.method ?? '', request.url ?? '');
      const exchange = new Exchange({ request, response, requestId, route, params, search, startedAt, memo });
      exchange.clientAddress = clientAddress(request);
      return { exchange };
    } catch (error) {
      const { route, params } = router('', '');
      return { exchange: new Exchange({ request, response, requestId, route, params, search: '', startedAt }), error };
    }
  };
  const server = createServer(
    {
      keepAliveTimeout: keepAliveMs,
      requestTimeout,
      headersTimeout: Math.min(requestTimeout, MAX_HEADER_WAIT_MS),
      connectionsCheckingInterval: SLOW_CLIENT_CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      // A header given twice becomes a list, which no reader of a single value takes for one.
      joinDuplicateHeaders: true,
      // Looked at below: node:http would answer without a body that says why.
      requireHostHeader: false,
      noDelay: true,
    },
    function onRequest(request, response) {
      onStart();
      const { exchange, error } = begin(request, response);
      if (tracer !== undefined) exchange.trace = tracer.begin(request.headers, exchange.startedAt);
      if (error !== undefined) {
        fail(exchange, error);
        return;
      }
      try {
        const step = work(exchange);
        if (step instanceof Promise)
          step.then(
            (reply) => send(exchange, reply ?? unanswered()),
            (cause: unknown) => fail(exchange, cause),
          );
        else send(exchange, step ?? unanswered());
      } catch (cause) {
        fail(exchange, cause);
      }
    },
  );
  // All of them are bounded together by their size; a number of them above a bound would be dropped silently.
  server.maxHeadersCount = 0;
  server.on('clientError', refuse);
  server.on('connect', (_request, socket: Duplex) => socket.end(rawProblem('method-not-allowed')));
  server.on('checkExpectation', (_request, response: ServerResponse) => {
    const { status, headers, body } = problemReply('expectation-failed');
    response.writeHead(status, [...headers, 'connection', 'close']).end(body);
  });
  return server;
}

/** Has stores find the trace of the request that they are called for. */
export function traced(answer: Stage): Stage {
  return (exchange) => (exchange.trace ? runInTrace(exchange.trace, answer, exchange) : answer(exchange));
}

/** Throws the Problem `malformed-request` unless the request names one host; before HTTP/1.1 it need not. */
function oneHost(): (request: IncomingMessage) => void {
  let last: string | undefined;
  return ({ headers: { host }, httpVersion }) => {
    if (host === undefined ? httpVersion === '1.0' : host === last) return;
    if (host === undefined || !HOST.test(host)) {
      const detail = 'The request must have one Host header that names one host.';
      throw new Problem('malformed-request', { detail, headers: ['connection', 'close'] });
    }
    last = host;
  };
}

/** The one place where what was thrown becomes an answer. */
export function replyTo(error: unknown): Reply {
  if (error instanceof Problem) return problemReply(error.code, error.details);
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return problemReply('deadline-exceeded', { cause: error });
  return problemReply('internal-error', { cause: error });
}

function unanswered(): Reply {
  return problemReply('internal-error', { detail: 'No stage answered.' });
}
