import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { eventually } from '../../support/eventually.ts';
import { PROJECT } from '../measure.ts';

/** A server that takes part in a race. */
export type Contestant = {
  /** Where it answers. */
  readonly url: string;
  /** Processor seconds that it has used so far, all its processes together. */
  cpuSeconds(): number;
  /** KiB of memory that all its processes together hold now. */
  residentKiB(): number;
  stop(): Promise<void>;
};

/** How a program is started. */
export type Program = {
  readonly command: string;
  readonly args: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  /** Cores that it may use; default the first. */
  readonly cores?: string;
  /** Where it answers 200 once it is ready. */
  readonly url: string;
};

const TICKS_PER_SECOND = 100;

/** Starts a program on its cores and waits until it answers. */
export async function startProgram({ command, args, variables, cores = '0', url }: Program): Promise<Contestant> {
  const child = spawn('taskset', ['-c', cores, command, ...args], {
    cwd: PROJECT,
    env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin`, ...variables },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-2000)));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`${command} ended: ${errors}`);
    const { ok } = await fetch(url);
    if (!ok) throw new Error(`${url} does not answer 200: ${errors}`);
  }, 30_000);
  return {
    url,
    cpuSeconds: () => sumOf(child.pid ?? 0, cpuSecondsOf),
    residentKiB: () => sumOf(child.pid ?? 0, residentKiBOf),
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Starts a TypeScript file of the project. */
export function startFile(
  file: string,
  url: string,
  variables: Readonly<Record<string, string>>,
  cores?: string,
): Promise<Contestant> {
  return startProgram({
    command: process.execPath,
    args: [file],
    url,
    variables: { NODE_ENV: 'production', ...variables },
    ...(cores === undefined ? {} : { cores }),
  });
}

/** Adds up what a process and all below it have. */
function sumOf(pid: number, amountOf: (pid: number) => number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return amountOf(pid) + children.reduce((sum, child) => sum + sumOf(Number(child), amountOf), 0);
}

function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function residentKiBOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
