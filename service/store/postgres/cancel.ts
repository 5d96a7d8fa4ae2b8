import { connect } from 'node:net';
import type { PoolClient } from 'pg';

/** What a backend told when it was connected to, and where it was reached; the driver's types leave it out. */
type Backend = {
  readonly host: string;
  readonly port: number;
  readonly processID: number;
  readonly secretKey: number;
};

/** The code that stands in place of a protocol version (PostgreSQL documentation, 'Message Formats', CancelRequest). */
const CANCEL_REQUEST = 80_877_102;

/**
 * Asks Postgres to cancel the statement that a connection runs. A request of its own tells it: it needs no free
 * connection, since Postgres answers it before it counts. Resolves with true when Postgres has passed it on, so that it
 * hits nothing that the connection is asked to do from now on; with false when that is not known within the time.
 */
export function cancelStatement(client: PoolClient, timeoutMs: number): Promise<boolean> {
  const { host, port, processID, secretKey } = client as unknown as Backend;
  const message = Buffer.alloc(16);
  [16, CANCEL_REQUEST, processID, secretKey].forEach((field, index) => message.writeInt32BE(field, index * 4));
  return new Promise((resolve) => {
    const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
    let passedOn = false;
    const timer = setTimeout(() => socket.destroy(), timeoutMs);
    socket.once('connect', () => socket.write(message));
    // Postgres closes without an answer once it has sent the signal.
    socket.once('end', () => (passedOn = true));
    // A connection that fails closes as well.
    socket.once('error', () => undefined);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(passedOn);
    });
    socket.resume();
  });
}
