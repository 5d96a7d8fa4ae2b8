import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Contestant } from '../contestants/contestant.ts';
import { PROJECT } from '../measure.ts';
import { load } from './closed-loop.ts';

const run = promisify(execFile);

const WARM_UP_SECONDS = 3;
const MEASURED_SECONDS = 5;

/**
 * The median time in milliseconds of an answer when requests come at a fixed rate, however fast they are answered; a
 * late answer does not hold the next request back. A closed loop warms the contestant up, since at such rates its code
 * would be compiled only long after; the generator has a core and a process of its own.
 */
export async function medianLatency({ url }: Pick<Contestant, 'url'>, perSecond: number): Promise<number> {
  await load(url, WARM_UP_SECONDS, '1');
  const generator = [process.execPath, 'test/bench/load/open-loop-main.ts', url, perSecond, MEASURED_SECONDS];
  const { stdout } = await run('taskset', ['-c', '1', ...generator.map(String)], { cwd: PROJECT });
  return Number(stdout);
}
