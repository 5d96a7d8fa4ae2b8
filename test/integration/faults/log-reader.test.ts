import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { ask } from '../../support/gateway.ts';
import { startProgram, timed, type GatewayProgram } from '../../support/program.ts';

/** A pipe that is open and read by nobody. */
function makePipe() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-pipe-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  // For both, so that opening does not wait for the other end.
  const file = openSync(path, constants.O_RDWR);
  return {
    file,
    close() {
      closeSync(file);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Lines for every request, and little room for those that wait. */
const values = [
  'telemetry.logs.linesPerSecond=1000000',
  'telemetry.logs.buffer=64Ki',
  'limits.address=1000000/s',
  'limits.global.bucket.capacity=1000000',
];
/** More than the pipe and the buffers hold: each request is a line of some 300 bytes. */
const MANY = 1_500;
/** Far above what a request takes here, far below what waiting for a reader would. */
const PATIENCE_MS = 5_000;

describe('a log that nobody reads', () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function flood(gateway: GatewayProgram): Promise<void> {
    for (let sent = 0; sent < MANY; sent += 50) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => timed(() => ask(gateway.port, 'GET', '/health'))),
      );
      for (const { status, ms } of answers) {
        expect(status).toBe(200);
        expect(ms).toBeLessThan(PATIENCE_MS);
      }
    }
  }

  test('is dropped line by line and counted; requests are answered, and the program ends when asked', async () => {
    const pipe = makePipe();
    cleanups.push(() => pipe.close());
    const gateway = await startProgram({ values, logTo: pipe.file });
    let running = true;
    cleanups.push(() => running && gateway.stop());
    await flood(gateway);
    await eventually(async () => expect(await gateway.metric('gateway_log_lines_dropped_total')).toBeGreaterThan(0));

    const before = gateway.memory();
    await flood(gateway);
    expect(gateway.memory() - before).toBeLessThan(64);

    const { ms } = await timed(async () => {
      await gateway.stop();
      running = false;
      return {};
    });
    // Beyond ten seconds it would have been killed.
    expect(ms).toBeLessThan(8_000);
  });

  test('ends nothing when its reader goes away', async () => {
    const gateway = await startProgram({ values });
    cleanups.push(() => gateway.stop());
    gateway.closeLog();
    const workers = gateway.workers();
    await flood(gateway);
    await eventually(async () => expect(await gateway.metric('gateway_log_lines_dropped_total')).toBeGreaterThan(100));
    expect(gateway.workers()).toEqual(workers);
  });
});
