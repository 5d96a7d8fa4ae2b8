import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';
import { findFreePort } from '../../service/store/free-port.ts';

/** Folder of the project. */
export const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/** `sluice serve` as a process of its own, with folders of its own. */
export type Served = {
  readonly port: number;
  readonly opsPort: number;
  readonly pid: number;
  /** What it has printed so far. */
  output(): string;
  /** Interrupts it, as Ctrl-C does, and resolves with its exit code. */
  stop(): Promise<number | null>;
};

/** Starts the program and waits until it says what to try. */
export async function startServe(
  args: readonly string[] = [],
  variables: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-serve-'));
  // As root, Postgres runs as somebody else: where only root may enter, its data would be kept elsewhere and stay.
  chmodSync(folder, 0o755);
  const port = await findFreePort();
  const opsPort = await findFreePort();
  const child = spawn(
    process.execPath,
    [
      'infra/cli/sluice.js',
      'serve',
      '--port',
      String(port),
      '--ops-port',
      String(opsPort),
      '--state',
      join(folder, 'state'),
      '--out',
      join(folder, 'out'),
      ...args,
    ],
    { cwd: PROJECT, env: { ...process.env, ...variables }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const served: Served = {
    port,
    opsPort,
    pid: child.pid ?? 0,
    output: () => output,
    async stop() {
      child.kill('SIGINT');
      const code = await ended;
      rmSync(folder, { recursive: true, force: true });
      return code;
    },
  };
  try {
    await eventually(() => {
      if (child.exitCode !== null) throw new Error(`it ended: ${output}`);
      if (!output.includes('is ready on')) throw new Error(`not ready: ${output}`);
    }, 45_000);
  } catch (error) {
    await served.stop();
    throw error;
  }
  return served;
}

/** Runs the command line to its end. */
export function runSluice(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['infra/cli/sluice.js', ...args], {
    cwd: PROJECT,
    env: { ...process.env, ...variables },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { code: status, stdout, stderr };
}
