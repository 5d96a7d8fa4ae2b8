import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { createControl, type NamedProxy } from './control/server.ts';
import { startProxy } from './proxy.ts';
import { readSettings, type Settings } from './settings.ts';

/** Exit codes as of the command line: wrong usage, and a port or address that is needed and not there. */
const EXIT = { usage: 2, missing: 69 } as const;

// Modules are loaded in one go: a signal that came meanwhile ends the process here, before anything has begun.
await turn();
const settings = readSettingsOrExit();
const proxies: NamedProxy[] = [];
try {
  for (const { name, listen, target, protocol } of settings.proxies) {
    const proxy = await startProxy({ listen, target, protocol, random: Math.random });
    proxies.push({ name, listen, protocol, proxy });
  }
  const control = createControl(proxies, settings.key);
  control.listen(settings.control.port, settings.control.host);
  await once(control, 'listening');

  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    control.close();
    control.closeAllConnections();
    // Every fault goes with its proxy; what is under way is reset.
    void Promise.all(proxies.map(({ proxy }) => proxy.close())).then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Whoever started this program as a child of its own has gone.
  process.once('disconnect', stop);
  if (process.channel && !process.connected) stop();

  const { address: host, port } = control.address() as AddressInfo;
  // Whoever reads this line may have gone, and the faults must end none the less.
  process.stdout.on('error', () => undefined);
  process.stdout.write(
    `${JSON.stringify({ control: { host, port }, proxies: proxies.map(({ name, proxy }) => ({ name, port: proxy.port })) })}\n`,
  );
} catch (error) {
  exit(EXIT.missing, `The fault proxy cannot listen: ${(error as Error).message}; name a port that is free, or 0.`);
}

function readSettingsOrExit(): Settings {
  try {
    return readSettings(process.env);
  } catch (error) {
    return exit(EXIT.usage, (error as Error).message);
  }
}

function exit(code: number, message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
