import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { definition, withValues, type Service } from '../../service/definition/index.ts';
import { findFreePort } from '../../service/store/free-port.ts';
import { eventually } from './eventually.ts';
import { PROJECT } from './serve.ts';

/** The real gateway program, with its primary and workers, as processes of their own. */
export type GatewayProgram = {
  readonly port: number;
  readonly opsPort: number;
  readonly pid: number;
  /** Lines of its log so far. */
  log(): string;
  /** From then on there is nobody to read its log. */
  closeLog(): void;
  /** Process numbers of its workers. */
  workers(): number[];
  /** The sum of a metric over its series whose labels contain `labels`. */
  metric(name: string, labels?: string): Promise<number>;
  /** Resident memory of primary and workers in MiB. */
  memory(): number;
  stop(): Promise<void>;
};

/** How the program is started. */
export type GatewayProgramOptions = {
  /** Values of the definition of dev, as `path=value`. */
  readonly values?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  /** Changes the definition where `path=value` cannot. */
  readonly definition?: (service: Service) => Service;
  /** Number of an open file that takes its log; default it is read here. */
  readonly logTo?: number;
  /** Folder of its sources; default this project. */
  readonly project?: string;
  /** How long it may take until it is ready, in milliseconds; default 30,000. */
  readonly readyWithin?: number;
};

/** An address at which nothing listens. */
export const NOWHERE = '127.0.0.1:1';

/** Has the program believe `X-Forwarded-For` of this machine, so that a test can be many callers. */
export const believeForwarded = (service: Service): Service => ({
  ...service,
  gateway: { ...service.gateway, trustedProxies: ['127.0.0.1'] },
});

let callers = 0;

/** Headers of a caller that nobody has seen before; for a program that believes them. */
export function newCaller(): { readonly 'x-forwarded-for': string } {
  callers++;
  return { 'x-forwarded-for': `10.0.${callers >> 8}.${callers & 255}` };
}

/** What an action gives, and the milliseconds that it took. */
export async function timed<T extends object>(action: () => Promise<T>): Promise<T & { readonly ms: number }> {
  const startedAt = performance.now();
  const result = await action();
  return { ...result, ms: performance.now() - startedAt };
}

/** The middle one of some numbers. */
export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** Starts the program and waits until it is ready. */
export async function startProgram({
  values = [],
  variables = {},
  definition: change = (service) => service,
  logTo,
  project = PROJECT,
  readyWithin = 30_000,
}: GatewayProgramOptions = {}): Promise<GatewayProgram> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-program-'));
  const file = join(folder, 'service.json');
  writeFileSync(file, JSON.stringify(change(withValues(definition.dev, values))));
  const port = await findFreePort();
  const opsPort = await findFreePort();
  const child = spawn(process.execPath, ['service/main.ts'], {
    cwd: project,
    env: {
      ...process.env,
      SLUICE_DEFINITION: file,
      HOST: '127.0.0.1',
      PORT: String(port),
      OPS_PORT: String(opsPort),
      DRAIN_DELAY_MS: '0',
      DATABASE_URL: `postgres://nobody@${NOWHERE}/none`,
      UPSTREAM_ORIGIN: `http://${NOWHERE}`,
      ...variables,
    },
    stdio: ['ignore', logTo ?? 'pipe', 'pipe'],
  });
  let log = '';
  child.stdout?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const pid = child.pid ?? 0;
  const workers = (): number[] =>
    execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/)
      .map(Number);
  const program: GatewayProgram = {
    port,
    opsPort,
    pid,
    log: () => log,
    closeLog: () => child.stdout?.destroy(),
    workers,
    async metric(name, labels = '') {
      const text = await (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text();
      const samples = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
      return samples
        .filter((line) => line.includes(labels))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    },
    memory: () => [pid, ...workers()].reduce((sum, process) => sum + residentMebibytes(process), 0),
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(timer);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await eventually(async () => {
      if (child.exitCode !== null) return;
      const { ok } = await fetch(`http://127.0.0.1:${opsPort}/readyz`);
      if (!ok) throw new Error(`not ready: ${log}`);
    }, readyWithin);
    if (child.exitCode !== null) throw new Error(`it ended: ${log}`);
  } catch (error) {
    await program.stop();
    throw error;
  }
  return program;
}

function residentMebibytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}
