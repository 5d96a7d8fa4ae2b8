import { Readable } from 'node:stream';
import type { ShedReason } from '../resilience/index.ts';
import type { Exchange } from './exchange.ts';
import { Relay } from './relay.ts';
import { createReadySender, takesReady } from './ready-answer.ts';
import type { Reply } from './reply.ts';
import { sendStream } from './send-stream.ts';

/** What an answer was, for logs and metrics. */
export type Outcome = {
  readonly exchange: Exchange;
  /** As sent; 499 when the client left before an answer. */
  readonly status: number;
  readonly durationMs: number;
  /** Why the gateway could not answer as asked. */
  readonly error: unknown;
  /** Why a lane refused it for want of room, where it did. */
  readonly shed?: ShedReason | undefined;
};

/** Settings of the sender. */
export type SenderOptions = {
  /** The longest a streamed answer may last. */
  readonly streamTimeoutMs: number;
  /** How long an idle connection of a client is kept, as answers tell it. */
  readonly keepAliveMs: number;
  readonly onEnd: (outcome: Outcome) => void;
  /** Told of each answer that broke off after its head was sent, and not by its client; default nothing. */
  readonly onCut?: ((exchange: Exchange) => void) | undefined;
  readonly isDraining: () => boolean;
};

/** Sends an answer and reports it. */
export type Sender = (exchange: Exchange, reply: Reply, error?: unknown) => void;

/** Status in logs and metrics of a request whose client left; no such answer is ever sent. */
export const CLIENT_LEFT = 499;

const ONE_WRITE_BYTES = 65_536;

/** Adds the gateway's own headers to an answer, sends it whole or as it comes, and reports it once. */
export function createSender({ streamTimeoutMs, keepAliveMs, onEnd, onCut, isDraining }: SenderOptions): Sender {
  const sendReady = createReadySender(keepAliveMs);
  const report = (exchange: Exchange, status: number, error: unknown, shed?: ShedReason): void => {
    exchange.end();
    onEnd({ exchange, status, durationMs: performance.now() - exchange.startedAt, error, shed });
  };
  return (exchange, { status, headers, body: given, ready, shed }, error) => {
    const { response } = exchange;
    // What has come to its end on the way here goes out in one write.
    const body = given instanceof Relay ? (given.whole ?? given) : given;
    exchange.stopDeadline();
    if (exchange.trace !== undefined) exchange.trace.answeredAt = performance.now();
    if (response.destroyed) {
      if (body instanceof Readable) body.once('error', () => undefined).destroy();
      else if (body instanceof Relay) body.cancel();
      report(exchange, CLIENT_LEFT, error);
      return;
    }
    const all = exchange.replyHeaders;
    all.push('x-request-id', exchange.requestId);
    if (ready && !isDraining() && takesReady(exchange.request)) {
      sendReady(response, all, ready);
      report(exchange, status, error);
      return;
    }
    all.push(...headers);
    if (isDraining()) all.push('connection', 'close');
    if (body instanceof Readable || body instanceof Relay) {
      if (body instanceof Relay && body.length !== undefined) all.push('content-length', String(body.length));
      response.writeHead(status, all);
      // The status line is out: a cut connection is the only way left to say that the answer is not whole.
      sendStream(response, body, streamTimeoutMs, (end) => {
        if (end.error !== undefined && !end.left) onCut?.(exchange);
        report(exchange, end.left ? CLIENT_LEFT : status, end.error ?? error);
      });
      return;
    }
    // A flat list is not looked through by node:http, so the length has to be in it.
    if (Buffer.isBuffer(body) && body.length <= ONE_WRITE_BYTES) {
      // As a Buffer it would be a write of its own.
      all.push('content-length', String(body.length));
      response.writeHead(status, all).end(body.toString('latin1'), 'latin1');
    } else {
      if (body !== null) all.push('content-length', String(Buffer.byteLength(body)));
      else if (status !== 204 && status !== 304 && exchange.request.method !== 'HEAD') all.push('content-length', '0');
      response.writeHead(status, all).end(body);
    }
    report(exchange, status, error, shed);
  };
}
