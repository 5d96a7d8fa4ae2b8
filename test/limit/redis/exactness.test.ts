import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { useRedis } from '../../support/stores.ts';
import { mostInAnyWindow } from '../random.ts';
import { HAMMERED, LEASE, type HammerJob, type HammerResult, type Span } from './hammer.ts';

const { missing, client } = useRedis('limits over four processes');
const check = missing === undefined ? test : test.skip;
const PROGRAM = fileURLToPath(new URL('./hammer.ts', import.meta.url));
const HOUR_MS = 3_600_000;

/** Four processes whose clocks are hours apart; `disturb` is called while they work. */
async function hammerTogether(mode: HammerJob['mode'], prefix: string, disturb: () => Promise<unknown>) {
  const { port = 0, password = '' } = client().options;
  const working = [0, 5, -7, 24].map((hours) =>
    run({ mode, prefix, port, password, durationMs: 2_500, skewMs: hours * HOUR_MS }),
  );
  const disturbing = setInterval(() => void disturb(), 400);
  try {
    return await Promise.all(working);
  } finally {
    clearInterval(disturbing);
  }
}

function run(job: HammerJob): Promise<HammerResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve(JSON.parse(output) as HammerResult) : reject(new Error(`it ended with ${code}`)),
    );
  });
}

function decidedInRedis(results: readonly HammerResult[], limit: string): number[] {
  return results.flatMap(({ inRedis }) => inRedis[limit] ?? []).sort((a, b) => a - b);
}

/** The most of what happened within spans that surely lies in one window, whenever in its span it happened. */
function mostWithin(spans: readonly Span[], length: number): number {
  const counts = spans.map(([start]) => spans.filter(([from, to]) => from >= start && to < start + length).length);
  return Math.max(...counts);
}

describe('four processes whose clocks differ by hours', () => {
  const windowUs = HAMMERED.windowMs * 1000;

  check('admit together no more than one limit allows, even when Redis forgets the script', async () => {
    const results = await hammerTogether('exact', 'exact:', () => client().script('FLUSH', 'SYNC'));
    for (const { requests } of results) expect(requests).toBeGreaterThan(100);

    const log = decidedInRedis(results, 'log');
    expect(mostInAnyWindow(log, windowUs)).toBe(HAMMERED.log);
    expect(log.length).toBeGreaterThanOrEqual(4 * HAMMERED.log);

    const counter = decidedInRedis(results, 'counter');
    expect(mostInAnyWindow(counter, windowUs)).toBeLessThanOrEqual(2 * HAMMERED.counter - 1);
    const perWindow = Map.groupBy(counter, (time) => Math.floor(time / windowUs));
    for (const times of perWindow.values()) expect(times.length).toBeLessThanOrEqual(HAMMERED.counter);

    const bucket = decidedInRedis(results, 'bucket');
    for (const lengthMs of [1, 10, 100, 500, 2_000])
      expect(mostInAnyWindow(bucket, lengthMs * 1000)).toBeLessThanOrEqual(
        HAMMERED.capacity + Math.floor(lengthMs / HAMMERED.tokenMs),
      );
    expect(bucket.length).toBeGreaterThan(HAMMERED.capacity + 150);
  });

  check('exceed a limit by no more than the tokens that each may hold, and ask Redis seldom', async () => {
    const results = await hammerTogether('lease', 'lease:', () => Promise.resolve());
    const admitted = results.flatMap(({ here }) => here.leased ?? []);
    expect(mostWithin(admitted, windowUs)).toBeLessThanOrEqual(200 + LEASE.tokens * results.length);
    expect(admitted.length).toBeGreaterThan(400);
    const trips = results.reduce((sum, result) => sum + result.trips, 0);
    expect(trips).toBeLessThan(admitted.length / 2);
  });
});
