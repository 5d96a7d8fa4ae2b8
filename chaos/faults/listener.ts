import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A host and a port. */
export type Address = { readonly host: string; readonly port: number };

/** A port that can refuse connections for a while, and takes them again on the same number. */
export type Listener = {
  readonly port: number;
  /** Takes connections again; resolves when it does, or when it shall not any more. */
  open(): Promise<void>;
  /** From now on connections are refused. */
  shut(): void;
  /** Shuts it for good. */
  close(): void;
};

// Milliseconds.
const NEXT_ATTEMPT = 20;

/** Listens at an address; port 0 is any. Rejects when it cannot. */
export async function startListener(
  { host, port }: Address,
  onConnection: (socket: Socket) => void,
): Promise<Listener> {
  const server = createServer({ allowHalfOpen: true }, onConnection);
  const listen = async (at: number): Promise<void> => {
    server.listen(at, host);
    await once(server, 'listening');
  };
  await listen(port);
  const own = (server.address() as AddressInfo).port;
  let isWanted = true;
  let opening: Promise<void> | undefined;

  const reopen = async (): Promise<void> => {
    while (isWanted && !server.listening) {
      try {
        await listen(own);
      } catch {
        // Somebody's outgoing connection may have the number meanwhile: it will not for long.
        await wait(NEXT_ATTEMPT, undefined, { ref: false });
      }
    }
    // Shut again while it was about to listen.
    if (!isWanted && server.listening) server.close();
  };
  const shut = (): void => {
    isWanted = false;
    if (server.listening) server.close();
  };
  return {
    port: own,
    open() {
      isWanted = true;
      opening ??= reopen().finally(() => (opening = undefined));
      return opening;
    },
    shut,
    close: shut,
  };
}
