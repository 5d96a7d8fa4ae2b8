import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { readRun, type Run } from '../../chaos/report/index.ts';
import { redisMissing } from '../support/redis.ts';
import { PROJECT } from '../support/serve.ts';
import { testUnless } from '../support/test-unless.ts';

/** Two drills of the real gateway, each of which may take its 90 s. */
const LIMIT_MS = 240_000;

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'sluice-drills-'));
});
afterEach(() => rmSync(out, { recursive: true }));

/** Runs `sluice drill` as whoever types it does; gives its exit code, and the run that it left. */
async function drill(...args: readonly string[]): Promise<{ readonly code: number | null; readonly run: Run }> {
  const command = ['infra/cli/sluice.js', 'drill', '--experiment', 'client-stampede', '--quick', '--out', out, ...args];
  const child = spawn(process.execPath, command, { cwd: PROJECT, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  const folder = readdirSync(out).find((name) => name.startsWith('client-stampede-'));
  if (folder === undefined) throw new Error(`no report was left: ${said}`);
  return { code, run: readRun(join(out, folder)) };
}

function outcomesOf({ assertions }: Run): Readonly<Record<string, string>> {
  return Object.fromEntries(assertions.map(({ id, outcome }) => [id, outcome]));
}

testUnless(
  redisMissing(),
  'a drill of the real gateway passes, and leaves evidence',
  async () => {
    const { code, run } = await drill();

    expect(run.reason).toMatch(/^The hypothesis held/);
    expect(code).toBe(0);
    expect(outcomesOf(run)).toMatchObject({ fetches: 'held', 'lost-critical': 'held', reverted: 'held' });
    expect(run.lanes.find(({ lane }) => lane === 'critical')?.sent).toBeGreaterThan(100);
  },
  LIMIT_MS,
);

testUnless(
  redisMissing(),
  'the same drill fails without what it rehearses, and says by what',
  async () => {
    const { code, run } = await drill('--unprotected');

    expect(run).toMatchObject({ verdict: 'failed', without: expect.stringContaining('lease') });
    expect(outcomesOf(run)).toMatchObject({ fetches: 'broke', reverted: 'held' });
    // What was to be shown was shown.
    expect(code).toBe(0);
  },
  LIMIT_MS,
);
