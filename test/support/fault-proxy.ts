import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What a fault proxy does to what passes through it. */
export type Fault =
  | { readonly kind: 'none' }
  /** Nothing listens: new connections are refused, those that are end. */
  | { readonly kind: 'refuse' }
  /** Everything arrives so much later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Connections are taken and nothing ever comes back; those that lost something are reset when it is over. */
  | { readonly kind: 'black-hole' }
  /** The connections that are go silent for good, as when a network has forgotten them; new ones are well. */
  | { readonly kind: 'forget' }
  /** Connections are reset as soon as they are made, and those that are. */
  | { readonly kind: 'reset' }
  /** Connections are reset after so many bytes of answer. */
  | { readonly kind: 'cut'; readonly afterBytes: number };

/** A TCP proxy that a test breaks while traffic passes. */
export type FaultProxy = {
  readonly port: number;
  /** Takes effect for bytes from now on; `reset` and `refuse` also end the connections that are. */
  set(fault: Fault): void;
  /** Where new connections lead from now on; those that are end. */
  lead(port: number): void;
  /** Connections that are open now. */
  connections(): number;
  close(): Promise<void>;
};

/** Starts a proxy before a port of the loopback address. */
export async function startFaultProxy(target: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  const forgotten = new WeakSet<Socket>();
  let fault: Fault = { kind: 'none' };
  let port = target;
  const endAll = (): void => sockets.forEach((socket) => socket.resetAndDestroy());
  const server = createServer((client) => {
    if (fault.kind === 'reset') {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(port, '127.0.0.1');
    let answered = 0;
    const join = (from: Socket, to: Socket, isAnswer: boolean): void => {
      sockets.add(from);
      from.on('data', (chunk) => {
        if (fault.kind === 'black-hole' || forgotten.has(from)) return;
        if (isAnswer && fault.kind === 'cut' && (answered += chunk.length) > fault.afterBytes) {
          const keep = Math.max(0, chunk.length - (answered - fault.afterBytes));
          to.write(chunk.subarray(0, keep), () => to.resetAndDestroy());
          return;
        }
        if (fault.kind === 'delay') setTimeout(() => to.writable && to.write(chunk), fault.ms / 2);
        else if (to.writable) to.write(chunk);
      });
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      // Whatever ends one side ends the other.
      from.on('error', () => to.destroy());
    };
    join(client, upstream, false);
    join(upstream, client, true);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = (server.address() as AddressInfo).port;
  return {
    port: own,
    set(next) {
      if (next.kind === 'refuse') server.close();
      else if (fault.kind === 'refuse') server.listen(own, '127.0.0.1');
      if (next.kind === 'reset' || next.kind === 'refuse' || fault.kind === 'black-hole') endAll();
      if (next.kind === 'forget') for (const socket of sockets) forgotten.add(socket);
      fault = next;
    },
    lead(next) {
      port = next;
      endAll();
    },
    connections: () => sockets.size / 2,
    close() {
      endAll();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
