import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Contestant } from '../contestants/contestant.ts';

const run = promisify(execFile);

const WARM_UP_SECONDS = 3;
const MEASURED_SECONDS = 4;

/** Programs that a closed loop needs. */
export const CLOSED_LOOP_PROGRAMS = ['wrk', 'taskset'] as const;

/** Requests per second that 64 connections get answered once it is warm; throws when one is not answered with 2xx. */
export async function requestsPerSecond({ url }: Pick<Contestant, 'url'>, cores = '1'): Promise<number> {
  await load(url, WARM_UP_SECONDS, cores);
  return (await load(url, MEASURED_SECONDS, cores)).rate;
}

/** Processor time in microseconds that one request takes once it is warm. */
export async function cpuPerRequest(contestant: Contestant): Promise<number> {
  await load(contestant.url, WARM_UP_SECONDS, '1');
  const before = contestant.cpuSeconds();
  const { requests } = await load(contestant.url, MEASURED_SECONDS, '1');
  return ((contestant.cpuSeconds() - before) / requests) * 1e6;
}

/** Loads a URL from 64 connections for some seconds. */
export async function load(url: string, seconds: number, cores: string): Promise<{ rate: number; requests: number }> {
  const { stdout } = await run('taskset', ['-c', cores, 'wrk', '-t', '1', '-c', '64', '-d', `${seconds}s`, url]);
  const [, rate] = /Requests\/sec:\s+([\d.]+)/.exec(stdout) ?? [];
  const [, requests] = /(\d+) requests in/.exec(stdout) ?? [];
  if (rate === undefined || requests === undefined || /Non-2xx|Socket errors/.test(stdout))
    throw new Error(`wrk did not measure ${url}:\n${stdout}`);
  return { rate: Number(rate), requests: Number(requests) };
}
