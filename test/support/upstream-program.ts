import { spawn } from 'node:child_process';
import { PROJECT } from './serve.ts';

/** The sample upstream as a process of its own. */
export type UpstreamProgram = {
  /** Lines of its log so far. */
  log(): string;
  /** Ends it in an orderly way, or with SIGKILL as a crash does. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
};

/** Starts it on a port of the loopback address, and does not wait until it listens. */
export function startUpstreamProgram(port: number, variables: Readonly<Record<string, string>> = {}): UpstreamProgram {
  const child = spawn(process.execPath, ['service/upstream/main.ts'], {
    cwd: PROJECT,
    env: { ...process.env, PORT: String(port), HOST: '127.0.0.1', ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    log: () => log,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
}
