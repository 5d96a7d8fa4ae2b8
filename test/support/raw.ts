import { connect } from 'node:net';

/** What came back for raw bytes. */
export type RawAnswer = {
  /** Status of each answer, in order. */
  readonly statuses: readonly number[];
  readonly text: string;
  /** Whether the server closed the connection. */
  readonly closed: boolean;
};

/**
 * Sends bytes, in pieces when given several, and collects what comes back until the server closes the connection, or
 * has answered `expected` times, or has said nothing more for half a second.
 */
export function sendRaw(port: number, pieces: string | readonly string[], expected = Infinity): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = '';
    let quiet: NodeJS.Timeout | undefined;
    const socket = connect(port, '127.0.0.1');
    const finish = (closed: boolean): void => {
      clearTimeout(quiet);
      socket.destroy();
      resolve({ statuses: statusesOf(text), text, closed });
    };
    const wait = (): void => {
      clearTimeout(quiet);
      quiet = setTimeout(() => finish(false), statusesOf(text).length >= expected ? 100 : 500);
    };
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      wait();
    });
    socket.on('end', () => finish(true));
    socket.on('error', () => finish(true));
    socket.on('connect', () => {
      void (async () => {
        for (const piece of [pieces].flat()) {
          if (socket.destroyed) return;
          await new Promise((written) => socket.write(piece, 'latin1', written));
          await new Promise((turn) => setTimeout(turn, 2));
        }
        wait();
      })();
    });
  });
}

function statusesOf(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
}
