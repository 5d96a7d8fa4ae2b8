import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { toMilliseconds, type Service } from '../definition/index.ts';
import { Exchange } from './exchange.ts';
import { Problem, problemReply, type ProblemCode } from './problem.ts';
import type { Reply } from './reply.ts';
import { createSender, type Outcome } from './sender.ts';
import type { Router } from './router.ts';
import type { Stage } from './stage.ts';

/** Settings of the listener. */
export type ListenerOptions = {
  readonly service: Service;
  readonly router: Router;
  /** Turns a request into an answer. */
  readonly answer: Stage;
  /** Names a request that brought no id of its own. */
  readonly nextId: () => string;
  /** Told of each request that begins. */
  readonly onStart: () => void;
  /** Told of each request that is over, once. */
  readonly onEnd: (outcome: Outcome) => void;
  /** Whether clients are asked to connect elsewhere. */
  readonly isDraining: () => boolean;
};

const MAX_HEADER_BYTES = 16_384;
const MAX_HEADER_WAIT_MS = 20_000;

/** The HTTP server that clients talk to. Whatever fails becomes an answer; nothing is thrown out of it. */
export function createListener({
  service,
  router,
  answer,
  nextId,
  onStart,
  onEnd,
  isDraining,
}: ListenerOptions): Server {
  const requestTimeout = toMilliseconds(service.gateway.requestTimeout);
  const send = createSender({ streamTimeoutMs: toMilliseconds(service.gateway.streamTimeout), onEnd, isDraining });
  const fail = (exchange: Exchange, error: unknown): void => send(exchange, replyTo(error), error);
  const server = createServer(
    {
      keepAliveTimeout: toMilliseconds(service.gateway.keepAlive),
      requestTimeout,
      headersTimeout: Math.min(requestTimeout, MAX_HEADER_WAIT_MS),
      maxHeaderSize: MAX_HEADER_BYTES,
      noDelay: true,
    },
    function onRequest(request, response) {
      onStart();
      const begin = beginExchange(router, request, response, nextId);
      const { exchange } = begin;
      if (begin.error !== undefined) {
        fail(exchange, begin.error);
        return;
      }
      try {
        const step = answer(exchange);
        if (step instanceof Promise)
          step.then(
            (reply) => send(exchange, reply ?? unanswered()),
            (error: unknown) => fail(exchange, error),
          );
        else send(exchange, step ?? unanswered());
      } catch (error) {
        fail(exchange, error);
      }
    },
  );
  server.on('clientError', refuse);
  return server;
}

function beginExchange(
  router: Router,
  request: IncomingMessage,
  response: ServerResponse,
  nextId: () => string,
): { exchange: Exchange; error?: unknown } {
  const target = request.url ?? '';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const given = request.headers['x-request-id'];
  const basics = {
    request,
    response,
    requestId: typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : nextId(),
    search: mark < 0 ? '' : target.slice(mark + 1),
    startedAt: performance.now(),
  };
  try {
    if (!path.startsWith('/')) throw new Problem('malformed-request', { detail: 'The request target is not a path.' });
    return { exchange: new Exchange({ ...basics, ...router(request.method ?? '', path) }) };
  } catch (error) {
    return { exchange: new Exchange({ ...basics, ...router('', '') }), error };
  }
}

/** The one place where what was thrown becomes an answer. */
function replyTo(error: unknown): Reply {
  if (error instanceof Problem) return problemReply(error.code, error.details);
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return problemReply('deadline-exceeded', { cause: error });
  return problemReply('internal-error', { cause: error });
}

function unanswered(): Reply {
  return problemReply('internal-error', { detail: 'No stage answered.' });
}

const UNREADABLE: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'header-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};

/** What node:http could not read as HTTP is answered once and the connection closed: its framing is in doubt. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const code = UNREADABLE[error.code ?? ''] ?? 'malformed-request';
  const { status, headers, body } = problemReply(code);
  const lines = [
    `HTTP/1.1 ${status} ${code}`,
    `${headers[0]}: ${headers[1]}`,
    'connection: close',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
