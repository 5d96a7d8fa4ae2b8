import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** What a test's origin does with a request: `head` is what came, `nth` counts all requests from 0. */
export type Script = (socket: Socket, head: string, nth: number) => void;

/** An origin that answers byte by byte as a test says. */
export type Origin = {
  readonly port: number;
  readonly url: string;
  /** The heads of all requests, as they came. */
  readonly heads: string[];
  /** Everything that came on each connection. */
  readonly texts: string[];
  /** Every connection that was ever accepted. */
  readonly sockets: Socket[];
  /** Connections that are open now. */
  open(): number;
  close(): void;
};

/** Starts an origin on a free port. The script is called with each head; what follows it (a body) is the script's. */
export async function startOrigin(script: Script): Promise<Origin> {
  const heads: string[] = [];
  const texts: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    let text = '';
    const index = sockets.push(socket) - 1;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      texts[index] = (texts[index] ?? '') + chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        if (!/^[A-Z]+ \S+ HTTP/.test(head)) continue;
        heads.push(head);
        script(socket, head, heads.length - 1);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    heads,
    texts,
    sockets,
    open: () => sockets.filter(({ destroyed }) => !destroyed).length,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** A whole answer with a length. */
export function answer(body = '', head = 'HTTP/1.1 200 OK', headers: readonly string[] = []): string {
  return [head, `content-length: ${Buffer.byteLength(body)}`, ...headers, '', body].join('\r\n');
}
