import { execFile, spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually } from '../support/eventually.ts';

/** Folder of the project. */
export const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/** One figure of the bench. */
export type Measure = {
  readonly name: string;
  readonly value: number;
  readonly unit: 's' | '1/s' | 'MiB' | 'ratio';
  /** What it must hold. */
  readonly hold?: string;
};

const run = promisify(execFile);

/** A program of the bench, pinned to a core. */
export type Server = { readonly pid: number; stop(): Promise<void> };

/** Starts a TypeScript file on core 0 and waits until the URL answers 200. */
export async function startServer(
  file: string,
  variables: Readonly<Record<string, string>>,
  url: string,
): Promise<Server> {
  const child = spawn('taskset', ['-c', '0', process.execPath, file], {
    cwd: PROJECT,
    env: { ...process.env, ...variables },
    stdio: 'ignore',
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await eventually(async () => {
    const { ok } = await fetch(url);
    if (!ok) throw new Error(`${url} does not answer 200`);
  }, 30_000);
  return {
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Requests per second that 64 connections from core 1 get answered; throws when one is not answered with 2xx. */
export async function requestsPerSecond(url: string, seconds: number): Promise<number> {
  const { stdout } = await run('taskset', ['-c', '1', 'wrk', '-t', '1', '-c', '64', '-d', `${seconds}s`, url]);
  const [, rate] = /Requests\/sec:\s+([\d.]+)/.exec(stdout) ?? [];
  if (rate === undefined || stdout.includes('Non-2xx')) throw new Error(`wrk did not measure ${url}:\n${stdout}`);
  return Number(rate);
}

/** Whether the programs that a load measurement needs are there. */
export function missingPrograms(names: readonly string[]): string[] {
  return names.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (
    ((sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN) +
      (sorted[Math.ceil((sorted.length - 1) / 2)] ?? Number.NaN)) /
    2
  );
}

/** The items in a random order. */
export function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, rank: Math.random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
