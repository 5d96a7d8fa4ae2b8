import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A port that stays the same while what is behind it changes. */
export type Forwarder = {
  readonly port: number;
  /** Where new connections go; undefined refuses them. */
  target: number | undefined;
  /** Lets nothing of the connections that there are through any more, and tells nobody. */
  silence(): void;
  close(): Promise<void>;
};

/** Passes connections on to a port of the loopback address, byte by byte. */
export async function startForwarder(target: number | undefined): Promise<Forwarder> {
  const sockets = new Set<Socket>();
  const track = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      sockets.delete(socket);
      other.destroy();
    });
  };
  const server = createServer((incoming) => {
    if (forwarder.target === undefined) {
      incoming.resetAndDestroy();
      return;
    }
    const outgoing = connect(forwarder.target, '127.0.0.1');
    track(incoming, outgoing);
    track(outgoing, incoming);
    incoming.pipe(outgoing);
    outgoing.pipe(incoming);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const forwarder: Forwarder = {
    port: (server.address() as AddressInfo).port,
    target,
    silence() {
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return forwarder;
}
