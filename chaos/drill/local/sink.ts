import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An alert that somebody would have been told of. */
export type Told = {
  /** Who: the receiver of the definition. */
  readonly receiver: string;
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly at: number;
};

/** What stands in for everybody whom Alertmanager would tell. */
export type Sink = {
  readonly origin: string;
  /** All that was told, in order. */
  readonly told: readonly Told[];
  close(): Promise<void>;
};

type Notification = { readonly alerts: readonly Pick<Told, 'status' | 'labels'>[] };

/** Starts one on a free port of the loopback address. */
export async function startSink(): Promise<Sink> {
  const told: Told[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const receiver = (request.url ?? '').slice(1);
      const alerts = parse(Buffer.concat(chunks).toString());
      if (alerts) told.push(...alerts.map(({ status, labels }) => ({ receiver, status, labels, at: Date.now() })));
      response.writeHead(alerts ? 202 : 400).end();
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  // What is told is no reason for a drill to go on.
  server.unref();
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    told,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function parse(body: string): Notification['alerts'] | undefined {
  try {
    return (JSON.parse(body) as Notification).alerts;
  } catch {
    return undefined;
  }
}
