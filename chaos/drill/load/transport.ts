import { Agent, request as startRequest, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as startSecureRequest } from 'node:https';

/** A request as it goes over the wire. */
export type HttpRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** A whole answer; names of headers are in lower case. */
export type HttpAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
};

/** What sends requests to one origin. */
export type Transport = {
  /** Rejects when no whole answer came: with a CutError where its head had come, and when the signal is aborted. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  /** Ends the connections that are kept. */
  close(): void;
};

/** An answer that broke off after it had begun. */
export class CutError extends Error {
  override readonly name = 'CutError';
}

/**
 * So many clients ask in turn, each over connections of its own: a single one would stay with the worker that took its
 * connection, and nobody would ask the others, whose breakers then stay as they are.
 */
const CLIENTS = 24;

/**
 * Requests over HTTP/1.1 and connections that are kept, as many at once as are asked for: with a limit, slow answers
 * would hold back the requests behind them, and the load would look better than what clients meet.
 */
export function createTransport(origin: string): Transport {
  const { protocol } = new URL(origin);
  const isSecure = protocol === 'https:';
  const agents = Array.from({ length: CLIENTS }, () => new (isSecure ? SecureAgent : Agent)({ keepAlive: true }));
  let sent = 0;
  const start = isSecure ? startSecureRequest : startRequest;
  return {
    send({ method, path, headers, body }, signal) {
      return new Promise((resolve, reject) => {
        const agent = agents[sent++ % CLIENTS];
        const outgoing = start(new URL(path, origin), { method, headers, agent, signal });
        outgoing.on('response', (incoming) => void readWhole(incoming).then(resolve, reject));
        outgoing.on('error', reject);
        outgoing.end(body);
      });
    },
    close() {
      for (const agent of agents) agent.destroy();
    },
  };
}

async function readWhole(incoming: IncomingMessage): Promise<HttpAnswer> {
  const { statusCode: status = 0, headers } = incoming;
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
  } catch (error) {
    throw new CutError(`the answer with ${status} broke off`, { cause: error });
  }
  return { status, headers, body: Buffer.concat(chunks).toString() };
}
