import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import type { ServerAccount } from './server-account.ts';
import type { ServerBinaries } from './server-binaries.ts';

/** What a server is started with. */
export type ServerSettings = {
  readonly account: ServerAccount;
  readonly binaries: ServerBinaries;
  readonly home: string;
  readonly data: string;
  readonly port: number;
  /** Told in a line when the server ends without being asked. */
  readonly log: (line: string) => void;
};

/** A running Postgres. */
export type ServerProcess = {
  /** Ends all connections and waits for the end (fast shutdown); harder after a deadline. */
  stop(): Promise<void>;
};

/** Postgres ended before it was ready; the message is its own. */
export class ServerStartError extends Error {
  override readonly name = 'ServerStartError';
}

const READY = 'database system is ready to accept connections';
const KEPT_LINES = 20;
/** How hard Postgres is told to stop, and how long each is given: fast, immediate, and a kill. */
const STOP_STEPS = [
  { signal: 'SIGINT', waitMs: 10_000 },
  { signal: 'SIGQUIT', waitMs: 5_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
] as const;

/** Starts Postgres and resolves when it takes connections. Rejects with a ServerStartError. */
export async function startServer({
  account,
  binaries,
  home,
  data,
  port,
  log,
}: ServerSettings): Promise<ServerProcess> {
  const child = spawn(
    binaries.postgres,
    ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    // A process group of its own: Ctrl-C is for the program that started it, which stops it last.
    { ...account, cwd: home, env: binaries.environment, detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const lines: string[] = [];
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      if (line.includes(READY)) resolve();
    });
    // The pipe ends after the last line is read, the process may end before.
    child.once('close', () => reject(new ServerStartError(failureIn(lines))));
    child.once('error', (cause) => reject(new ServerStartError(cause.message, { cause })));
  });
  const watcher = watchParent(child, account, home);
  let stopping = false;
  void exited.then(() => {
    watcher?.kill('SIGKILL');
    if (!stopping) log(`Postgres ended unexpectedly: ${failureIn(lines)}`);
  });
  return {
    async stop() {
      stopping = true;
      for (const { signal, waitMs } of STOP_STEPS) {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill(signal);
        const late = new AbortController();
        await Promise.race([exited, wait(waitMs, undefined, { signal: late.signal }).catch(() => undefined)]);
        late.abort();
      }
    },
  };
}

/**
 * A shell that ends Postgres when this process is gone, however it ended: it reads from a pipe whose other end closes
 * with this process. Windows has no such shell: there a killed parent leaves Postgres running.
 */
function watchParent(server: ChildProcess, account: ServerAccount, cwd: string): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined;
  const watcher = spawn('/bin/sh', ['-c', 'read -r _; kill -INT "$0"', String(server.pid)], {
    ...account,
    cwd,
    env: {},
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without the shell Postgres works all the same.
  watcher.once('error', () => undefined);
  watcher.unref();
  return watcher;
}

function failureIn(lines: readonly string[]): string {
  const fatal = lines.findLast((line) => /(FATAL|PANIC):/.test(line)) ?? lines.at(-1);
  return fatal?.replace(/^.*?(FATAL|PANIC): +/, '') ?? 'it said nothing';
}
