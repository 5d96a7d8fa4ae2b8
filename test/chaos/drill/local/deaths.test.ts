import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { endLeftovers } from '../../../../chaos/drill/local/leftovers.ts';
import { isAlive, isStopped } from '../../../../chaos/drill/local/processes.ts';
import { readRecord, type StandRecord } from '../../../../chaos/drill/local/record.ts';
import { eventually } from '../../../support/eventually.ts';
import { startStand } from './drill.ts';
import { standMissing } from './servers.ts';

const missing = standMissing();
if (missing !== undefined) console.warn(`skipped: what a local drill leaves that is killed: ${missing}`);

const DRIVER = fileURLToPath(new URL('./driver.ts', import.meta.url));
/** By when nothing may be left of a drill that was killed. */
const ENDED_MS = 10_000;

(missing === undefined ? describe : describe.skip)('a local drill that is killed', () => {
  let state = '';
  let driver: ChildProcess | undefined;

  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'sluice-test-deaths-'));
  });
  afterEach(async () => {
    driver?.kill('SIGKILL');
    await eventually(() => endLeftovers(state));
    rmSync(state, { recursive: true });
  }, 30_000);

  /** Starts a drill as a program of its own, and waits until something is frozen. */
  const startDriver = async (program: 'postgres' | 'gateway'): Promise<StandRecord> => {
    const started = spawn(process.execPath, [DRIVER, state, program], { stdio: ['ignore', 'pipe', 'inherit'] });
    driver = started;
    const ended = once(started, 'exit').then(() => ['it ended']);
    const [said] = (await Promise.race([once(started.stdout, 'data'), ended])) as readonly unknown[];
    expect(String(said)).toBe('broken\n');
    const record = readRecord(state);
    if (!record) throw new Error('there is no record of the stand');
    return record;
  };
  const kill = (...pids: readonly number[]): void => {
    for (const pid of pids) process.kill(pid, 'SIGKILL');
  };
  const nothingIsLeftOf = (record: StandRecord): void => {
    expect([record.keeper, ...record.processes].filter(isAlive)).toEqual([]);
    expect(existsSync(record.folder)).toBe(false);
    expect(readdirSync(state)).toEqual([]);
  };

  test('leaves nothing frozen and nothing running', async () => {
    const record = await startDriver('postgres');
    expect(record.processes.filter(isStopped).length).toBeGreaterThan(3);
    kill(record.drill.pid);
    await eventually(() => nothingIsLeftOf(record), ENDED_MS);
  }, 90_000);

  test('while it starts leaves nothing either', async () => {
    driver = spawn(process.execPath, [DRIVER, state], { stdio: 'ignore' });
    const record = await eventually(() => {
      const started = readRecord(state);
      if (!started || started.processes.length < 3) throw new Error('nothing is started yet');
      return started;
    }, 30_000);
    kill(record.drill.pid);
    // Postgres may have to become ready before it can end.
    await eventually(() => nothingIsLeftOf(record), 2 * ENDED_MS);
    expect(pidsOn(record.folder)).toEqual([]);
  }, 90_000);

  test('is found with its keeper by the next one, which reports what was left, and ends it', async () => {
    const record = await startDriver('gateway');
    await expect(startStand(state)).rejects.toThrow(`Another local drill runs in this project (try, process`);
    expect(record.processes.filter(isStopped)).toHaveLength(1);

    kill(record.keeper.pid, record.drill.pid);
    const stand = await startStand(state);
    try {
      const found = await stand.leftovers();
      expect(found.join('\n')).toMatch(
        /^gateway \(process \d+\) of the drill try, stopped by its fault: a worker of the gateway stands still$/m,
      );
      expect(found.join('\n')).toMatch(/^redis \(process \d+\)/m);
      expect([record.keeper, ...record.processes].filter(isAlive)).toEqual([]);
      expect(existsSync(record.folder)).toBe(false);
      await stand.revert();
      expect(await stand.leftovers()).toEqual([]);

      const next = readRecord(state);
      if (!next) throw new Error('there is no record of the stand');
      kill(next.keeper.pid);
      await eventually(() => expect(stand.revert()).rejects.toThrow('The keeper of the local stand has ended'));
      await stand.close();
      nothingIsLeftOf(next);
    } finally {
      await stand.close();
    }
  }, 150_000);
});

/** Processes that were started with a folder. */
function pidsOn(folder: string): readonly string[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folder));
}
