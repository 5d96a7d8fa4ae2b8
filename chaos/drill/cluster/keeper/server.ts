import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** What the keeper's port takes and tells. */
export type KeeperServerOptions = {
  /** What must be shown as `Authorization: Bearer` to pull the kill switch. */
  readonly key: string;
  /** Whether the journal was read lately. */
  readonly isReady: () => boolean;
  readonly metrics: () => Promise<string>;
  /** Pulls the kill switch; resolves once every fault is taken back. */
  readonly stop: (by: string) => Promise<void>;
  readonly onError: (error: unknown) => void;
};

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
// Prometheus, the kubelet and people have one or two each.
const MAX_CONNECTIONS = 100;

/** The keeper's port, without listening. */
export function createKeeperServer({ key, isReady, metrics, stop, onError }: KeeperServerOptions): Server {
  const wanted = digest(`Bearer ${key}`);
  const isAllowed = ({ headers }: IncomingMessage): boolean =>
    timingSafeEqual(digest(headers.authorization ?? ''), wanted);
  type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
  const routes: Readonly<Record<string, Answer>> = {
    'GET /livez': (_, response) => send(response, 200, 'ok\n'),
    'GET /readyz': (_, response) =>
      isReady() ? send(response, 200, 'ok\n') : send(response, 503, 'the journal could not be read\n'),
    'GET /metrics': async (_, response) => send(response, 200, await metrics(), METRICS_TYPE),
    async 'POST /stop'(request, response) {
      if (!isAllowed(request)) {
        send(response, 401, 'send Authorization: Bearer with the key of drills\n');
        return;
      }
      await stop(request.socket.remoteAddress ?? 'somebody');
      send(response, 200, 'every fault is taken back\n');
    },
  };
  const server = createServer((request, response) => {
    // Nobody sends a body that is looked at.
    request.resume();
    const [path = ''] = (request.url ?? '').split('?');
    const answer = routes[`${request.method} ${path}`];
    if (!answer) {
      send(response, 404, 'there are GET /livez, /readyz and /metrics, and POST /stop\n');
      return;
    }
    Promise.resolve()
      .then(() => answer(request, response))
      .catch((error: unknown) => {
        onError(error);
        send(response, 503, `${(error as Error).message}\n`);
      });
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.headersTimeout = 5_000;
  server.requestTimeout = 15_000;
  return server;
}

function send(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
