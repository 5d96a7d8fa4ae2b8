import { once } from 'node:events';
import { createServer as createHttpServer, request, type RequestListener } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Address } from '../../../chaos/faults/index.ts';

/** A server of this machine, and what it has seen. */
export type Peer = Address & {
  /** Connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  close(): Promise<void>;
};

/** A server that sends back what it gets, after it has also half-closed where its client does. */
export function startEcho(): Promise<Peer> {
  const server = createServer({ allowHalfOpen: true }, (socket) => void socket.pipe(socket));
  return listening(server);
}

/** A server that does with each connection what it is told. */
export function startTcp(onSocket: (socket: Socket) => void): Promise<Peer> {
  return listening(createServer({ allowHalfOpen: true }, onSocket));
}

/** A server of HTTP. */
export function startHttp(listener: RequestListener): Promise<Peer> {
  return listening(createHttpServer(listener));
}

async function listening(server: ReturnType<typeof createServer>): Promise<Peer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    sockets,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A client's connection, and what became of it. */
export type Caller = {
  readonly socket: Socket;
  /** Bytes that came. */
  read(): Buffer;
  /** How it ended: by the peer's end, by an error's code, or not yet. */
  ending(): string | undefined;
};

/** Connects to a port of this machine. */
export function call(port: number): Caller {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const chunks: Buffer[] = [];
  let ending: string | undefined;
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('end', () => (ending ??= 'end'));
  socket.on('error', (error: NodeJS.ErrnoException) => (ending ??= error.code));
  return { socket, read: () => Buffer.concat(chunks), ending: () => ending };
}

/** An answer of HTTP, or the code of the error that came instead. */
export type Got = {
  readonly status?: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly error?: string;
};

/** Sends one request on a connection of its own. */
export function ask(
  port: number,
  options: {
    readonly method?: string;
    readonly path?: string;
    readonly body?: string;
    readonly headers?: Readonly<Record<string, string>>;
    /** Milliseconds after which the connection is ended; default: none. */
    readonly timeout?: number;
  } = {},
): Promise<Got> {
  return new Promise((resolve) => {
    const sent = request(
      {
        port,
        host: '127.0.0.1',
        agent: false,
        method: options.method ?? 'GET',
        path: options.path ?? '/',
        headers: { ...options.headers },
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (body += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
        response.on('error', (error: NodeJS.ErrnoException) => resolve({ headers: {}, body, error: error.code ?? '' }));
      },
    );
    sent.on('error', (error: NodeJS.ErrnoException) => resolve({ headers: {}, body: '', error: error.code ?? '' }));
    if (options.timeout !== undefined) sent.setTimeout(options.timeout, () => sent.destroy());
    sent.end(options.body);
  });
}
