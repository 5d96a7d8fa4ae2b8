import { createServer, type AddressInfo } from 'node:net';

/** Whether a program may listen on the port now. */
export function isPortFree(port: number, host: string): Promise<boolean> {
  return tryPort(port, host).then((found) => found !== undefined);
}

/** A free port of the loopback address. */
export async function findFreePort(): Promise<number> {
  const port = await tryPort(0, '127.0.0.1');
  if (port === undefined) throw new Error('no port of 127.0.0.1 is free');
  return port;
}

function tryPort(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, host, () => {
      const { port: found } = probe.address() as AddressInfo;
      probe.close(() => resolve(found));
    });
  });
}
