import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createRedisLimits } from '../../../service/limit/index.ts';
import { eventually } from '../../support/eventually.ts';
import { useRedis } from '../../support/stores.ts';
import { POLICIES, TOKENS, type Admission, type AmountJob, type AmountResult } from './amount-hammer.ts';

const { missing, client } = useRedis('amounts over four processes');
const check = missing === undefined ? test : test.skip;
const PROGRAM = fileURLToPath(new URL('./amount-hammer.ts', import.meta.url));

function run(job: AmountJob, killAfterMs?: number): Promise<AmountResult | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve(undefined);
      else if (code === 0) resolve(JSON.parse(output) as AmountResult);
      else reject(new Error(`it ended with ${code}`));
    });
  });
}

/** How much more than the limit was used in the worst window, beside what was used above its own reservation. */
function mostOverLimit(admissions: readonly Admission[]): number {
  const inOrder = [...admissions].sort((a, b) => a.timeUs - b.timeUs);
  return Math.max(
    ...inOrder.map(({ timeUs: to }) => {
      const window = inOrder.filter(({ timeUs }) => timeUs > to - TOKENS.windowMs * 1000 && timeUs <= to);
      const used = window.reduce((sum, each) => sum + Math.min(each.used, each.reserved), 0);
      return used - TOKENS.limit;
    }),
  );
}

describe('four processes, and one that is killed', () => {
  check('use together what one limit admits, settle what they used, and leave no reservation', async () => {
    const { port = 0, password = '' } = client().options;
    const job = { port, password, prefix: 'amounts:', durationMs: 3_000, settles: true };
    const [killed, ...results] = await Promise.all([
      run({ ...job, seed: 1, settles: false, durationMs: 60_000 }, 800),
      ...[2, 3, 4, 5].map((seed) => run({ ...job, seed })),
    ]);
    expect(killed).toBeUndefined();
    const admissions = results.flatMap((result) => result?.admissions ?? []);
    expect(admissions.length).toBeGreaterThan(150);
    expect(mostOverLimit(admissions)).toBeLessThanOrEqual(0);
    // The limit was reached, or nothing was shown.
    expect(mostOverLimit(admissions)).toBeGreaterThan(-120);

    const store = createRedisLimits(client(), { prefix: job.prefix, nextId: () => 'afterwards', timeoutMs: 5_000 });
    const settled = results.reduce((sum, result) => sum + (result?.settled ?? 0), 0);
    await eventually(async () => {
      const verdict = await store.reserve('caller', POLICIES, [1, 1]);
      verdict.settle([0, 0]);
      // What nobody settled has lapsed; what was settled is counted once.
      expect(verdict.remaining[1]).toBe(TOKENS.budget - settled - 1);
    }, TOKENS.lapseMs + 10_000);
    await eventually(async () => {
      const left = await client().keys(`${job.prefix}*:reserved`);
      expect(left).toEqual([]);
      expect(await client().keys(`${job.prefix}*:held`)).toEqual([]);
    });
    store.close();
  });
});
