import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An upstream that answers everything with an empty list of results. */
export type AnsweringUpstream = {
  readonly origin: string;
  readonly port: number;
  /** Requests that have reached it. */
  calls(): number;
  close(): Promise<void>;
};

/** How it answers. */
export type AnsweringUpstreamOptions = {
  /** Milliseconds until it does; default 0. */
  readonly after?: number;
};

/** Starts one on a free port. */
export async function startAnsweringUpstream({ after = 0 }: AnsweringUpstreamOptions = {}): Promise<AnsweringUpstream> {
  let calls = 0;
  const server = createServer((request, response) => {
    calls++;
    request.resume();
    const answer = (): void => void response.setHeader('content-type', 'application/json').end('{"results":[]}');
    if (after === 0) answer();
    else setTimeout(answer, after);
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
