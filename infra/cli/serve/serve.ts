import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { definition } from '../../../service/definition/index.ts';
import { UnavailableError } from '../errors.ts';
import { startApplication, type ApplicationParts } from './application.ts';
import { startChild, startRestartable, type Running } from './child.ts';
import { isPortFree } from './ports.ts';
import { onSourceChange } from './sources.ts';
import { applicationWelcome, proxyWelcome } from './welcome.ts';

/** What `serve` was asked for. */
export type ServeOptions = {
  readonly port?: number;
  readonly opsPort?: number;
  readonly proxy?: string;
  readonly limits: boolean;
  /** Folders, relative to the project's. */
  readonly state: string;
  readonly out: string;
  readonly watch?: boolean;
};

type Parts = Pick<ApplicationParts, 'variables'> & Partial<ApplicationParts>;

const READY_LIMIT_MS = 60_000;
const MAX_WORKERS = 4;
const service = definition.dev;

/**
 * Runs the gateway until it is asked to stop or ends by itself; resolves with the exit code.
 * Throws an UnavailableError when a port is taken or a part does not start.
 */
export async function serve(options: ServeOptions): Promise<number> {
  const host = process.env.HOST ?? '127.0.0.1';
  const port = options.port ?? portVariable('PORT') ?? service.gateway.port;
  const opsPort = options.opsPort ?? portVariable('OPS_PORT') ?? service.gateway.opsPort;
  await requireFree(port, host, '--port');
  await requireFree(opsPort, host, '--ops-port');
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]).then(() => 0);
  const running: Running[] = [];
  try {
    const parts: Parts =
      options.proxy === undefined
        ? await startApplication(running, options)
        : { variables: { PROXY_ORIGIN: options.proxy } };
    const variables = {
      HOST: host,
      PORT: String(port),
      OPS_PORT: String(opsPort),
      WORKERS: process.env.WORKERS ?? String(Math.min(availableParallelism(), MAX_WORKERS)),
      LIMITS: options.limits ? 'on' : 'off',
      // Nobody balances onto a laptop: there is nothing to wait for.
      DRAIN_DELAY_MS: '0',
      // Clients of OpenAI's interface send a key always; on a laptop nobody has been given one yet.
      UNKNOWN_KEYS: process.env.UNKNOWN_KEYS ?? 'ignore',
      ...parts.variables,
    };
    const gateway = startRestartable(() => startChild('service/main.ts', variables));
    running.push(gateway);
    const first = await Promise.race([untilReady(opsPort, host), gateway.ended, interrupted]);
    if (first !== 'ready') return first;
    process.stdout.write(greeting(options, port, opsPort, parts));
    if (options.watch) running.push(onSourceChange(() => gateway.restart()));
    return await Promise.race([gateway.ended, interrupted]);
  } finally {
    for (const part of running.reverse()) await part.stop();
  }
}

function greeting({ proxy, limits }: ServeOptions, port: number, opsPort: number, parts: Parts): string {
  if (proxy !== undefined) return proxyWelcome({ port, opsPort, origin: proxy, limits });
  return applicationWelcome({ service, port, opsPort, objects: parts.objects ?? 0, demo: parts.demo });
}

async function requireFree(port: number, host: string, flag: string): Promise<void> {
  if (await isPortFree(port, host)) return;
  throw new UnavailableError(`port ${port} is in use; stop what uses it, or choose another with ${flag}`);
}

async function untilReady(opsPort: number, host: string): Promise<'ready'> {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host;
  const deadline = performance.now() + READY_LIMIT_MS;
  while (performance.now() < deadline) {
    const answer = await fetch(`http://${address}:${opsPort}/readyz`).catch(() => undefined);
    if (answer?.ok) return 'ready';
    await wait(25);
  }
  throw new UnavailableError(`the gateway was not ready within ${READY_LIMIT_MS / 1000} s; its log above says why`);
}

function portVariable(name: string): number | undefined {
  const value = process.env[name];
  // A wrong value is told by the gateway itself, with an example.
  return value !== undefined && /^\d{1,5}$/.test(value) ? Number(value) : undefined;
}
