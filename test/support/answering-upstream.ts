import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An upstream that answers everything at once with an empty list of results. */
export type AnsweringUpstream = {
  readonly origin: string;
  readonly port: number;
  /** Requests that have reached it. */
  calls(): number;
  close(): Promise<void>;
};

/** Starts one on a free port. */
export async function startAnsweringUpstream(): Promise<AnsweringUpstream> {
  let calls = 0;
  const server = createServer((request, response) => {
    calls++;
    request.resume();
    response.setHeader('content-type', 'application/json').end('{"results":[]}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    calls: () => calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
