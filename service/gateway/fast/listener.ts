import type { Server as HttpServer } from 'node:http';
import { Server, type Socket } from 'node:net';
import { createListener, type ListenerOptions } from '../listener.ts';
import type { HitPipeline } from '../pipeline.ts';
import { refuse } from '../refusal.ts';
import { FastConnection } from './connection.ts';
import { createHitRequests } from './hit-requests.ts';

/** Settings of the fast listener. */
export type FastListenerOptions = ListenerOptions & {
  /** The way of requests that are answered here. */
  readonly hits: HitPipeline;
};

/** How often connections are looked at that say nothing. */
const CHECK_MS = 1_000;
/** Added by node:http to the time that it announces, so that a request on its way finds the connection open. */
const KEEP_ALIVE_GRACE_MS = 1_000;

/**
 * A listener that answers hits of the cache itself and hands every connection that brings anything else to the listener
 * on node:http, which keeps it. To clients the two are the same. It closes as node:http's server does.
 */
export class FastListener extends Server {
  readonly #http: HttpServer;
  readonly #connections = new Set<FastConnection>();
  /** Connections that were silent for a while before they were handed off: until when they must have sent a head. */
  readonly #late = new Map<Socket, number>();

  constructor(options: FastListenerOptions) {
    // As node:http opens its own.
    super({ allowHalfOpen: true, noDelay: true });
    const clientAddress = options.clientAddress ?? (({ socket }) => socket.remoteAddress ?? '');
    const requests = createHitRequests({ ...options, clientAddress });
    const parts = {
      requests,
      isDraining: options.isDraining,
      handOff: (connection: FastConnection) => this.#handOff(connection),
      onClose: (connection: FastConnection) => this.#connections.delete(connection),
    };
    this.#http = createListener(options);
    this.#http.on('request', ({ socket }) => this.#late.delete(socket));
    this.on('connection', (socket: Socket) => this.#connections.add(new FastConnection(socket, parts)));
    this.on('listening', () => {
      // From then on node:http looks at its connections for ones that take too long.
      this.#http.emit('listening');
      const checking = setInterval(() => this.#check(), CHECK_MS).unref();
      this.once('close', () => {
        clearInterval(checking);
        this.#http.close();
      });
    });
  }

  override close(callback?: (error?: Error) => void): this {
    this.closeIdleConnections();
    return super.close(callback);
  }

  /** Closes connections that were answered and wait for nothing; as with node:http, not those that never asked. */
  closeIdleConnections(): void {
    for (const { isIdle, isUsed, socket } of this.#connections) if (isIdle && isUsed) socket.destroy();
    this.#http.closeIdleConnections();
  }

  /** Closes all connections, whatever they wait for. */
  closeAllConnections(): void {
    for (const { socket } of this.#connections) socket.destroy();
    this.#http.closeAllConnections();
  }

  #handOff(connection: FastConnection): void {
    const { socket, isUsed, since } = connection;
    connection.release();
    this.#connections.delete(connection);
    // The clock of node:http begins now; that of a client which never asked began when it connected.
    const now = performance.now();
    if (!isUsed && now - since > CHECK_MS) this.#late.set(socket, since + this.#http.headersTimeout);
    this.#http.emit('connection', socket);
    socket.resume();
  }

  #check(): void {
    const now = performance.now();
    const { headersTimeout, keepAliveTimeout } = this.#http;
    for (const { socket, isIdle, isUsed, since } of this.#connections) {
      if (!isIdle) continue;
      if (!isUsed) {
        if (now - since > headersTimeout) refuse(tooSlow(), socket);
      } else if (!this.listening || now - since > keepAliveTimeout + KEEP_ALIVE_GRACE_MS) socket.destroy();
    }
    for (const [socket, until] of this.#late) {
      if (!socket.destroyed && now <= until) continue;
      this.#late.delete(socket);
      if (!socket.destroyed) refuse(tooSlow(), socket);
    }
  }
}

function tooSlow(): NodeJS.ErrnoException {
  return Object.assign(new Error('The client took too long'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
}
