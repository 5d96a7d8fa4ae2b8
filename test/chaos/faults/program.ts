import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createProxyClient, type ProxyClient } from '../../../chaos/faults/index.ts';
import { PROJECT } from '../../support/serve.ts';
import type { Peer } from './peers.ts';

/** The fault proxy as a process of its own. */
export type ProxyProgram = {
  readonly child: ChildProcess;
  readonly origin: string;
  readonly client: ProxyClient;
  /** Ports of its proxies, by name. */
  readonly ports: Readonly<Record<string, number>>;
  stop(): Promise<void>;
};

/** Ports that the program prints once it is ready. */
type Ready = {
  readonly control: { readonly port: number };
  readonly proxies: readonly { readonly name: string; readonly port: number }[];
};

const anywhere = { host: '127.0.0.1', port: 0 };

/** What tells the program to put a proxy `http` and a proxy `tcp` before a peer. */
export function configOf({ host, port }: Pick<Peer, 'host' | 'port'>): object {
  const proxies = (['http', 'tcp'] as const).map((protocol) => ({
    name: protocol,
    listen: anywhere,
    target: { host, port },
    protocol,
  }));
  return { control: anywhere, proxies };
}

/** Starts the program and waits until it is ready. */
export async function startProxyProgram(config: object, key?: string): Promise<ProxyProgram> {
  const child = spawn(process.execPath, ['chaos/faults/main.ts'], {
    cwd: PROJECT,
    env: { ...process.env, FAULT_PROXY: JSON.stringify(config), ...(key !== undefined && { FAULT_PROXY_KEY: key }) },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const [line] = (await once(createInterface(child.stdout as NodeJS.ReadableStream), 'line')) as [string];
  const { control, proxies } = JSON.parse(line) as Ready;
  const origin = `http://127.0.0.1:${control.port}`;
  return {
    child,
    origin,
    client: createProxyClient({ origin, ...(key !== undefined && { key }) }),
    ports: Object.fromEntries(proxies.map(({ name, port }) => [name, port])),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Starts the program where it cannot run, and waits for its end. */
export async function endOfProgram(
  variables: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const child = spawn(process.execPath, ['chaos/faults/main.ts'], {
    cwd: PROJECT,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}
