import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { PROJECT } from '../../support/serve.ts';

/** A drill without anything behind it, at the desk of its process: it takes its fault back when it is told to, or never. */
const source = (takesBack: boolean): string => `
  const { processDesk } = await import('./infra/cli/drill/desk.ts');
  const { runDrills } = await import('./infra/cli/drill/run-drills.ts');
  const { onOutputError } = await import('./infra/cli/output.ts');
  process.stderr.on('error', onOutputError);
  const { EXPERIMENTS } = await import('./chaos/index.ts');
  const desk = processDesk();
  const target = {
    name: 'local',
    plan: async () => ({ means: 'local', touches: [], unseen: [] }),
    open: async () => ({ close: async () => desk.err('closed\\n') }),
    reserve: async () => async () => desk.err('given back\\n'),
  };
  const run = async ({ experiment, onEvent, signal }) => {
    const living = setInterval(() => undefined, 1000);
    onEvent({ kind: 'injected', at: Date.now(), title: 'all is late', means: 'local', deadline: Date.now() + 60_000 });
    await new Promise((resolve) => ${takesBack} && signal.addEventListener('abort', resolve));
    clearInterval(living);
    onEvent({ kind: 'reverted', at: Date.now() });
    return { experiment: experiment.id, verdict: 'aborted', reason: 'it was told to stop', assertions: [], lanes: [] };
  };
  const options = { target, pace: { name: 'quick', factor: 20 }, seed: 1, out: '.', unprotected: false };
  const results = await runDrills(EXPERIMENTS.slice(0, 2), options, desk, { run, writeReport: () => 'written' });
  desk.out(results.map(({ outcome, report }) => outcome + ' ' + report).join());
  process.exitCode = 3;`;

let child: ChildProcess;
afterEach(() => {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
});

/** Starts it, and waits until its fault is there. */
async function drilling(
  takesBack: boolean,
): Promise<{ readonly told: { out: string; err: string }; readonly ended: Promise<unknown[]> }> {
  child = spawn(process.execPath, ['--input-type=module', '--eval', source(takesBack)], {
    cwd: PROJECT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const told = { out: '', err: '' };
  child.stdout?.on('data', (chunk: Buffer) => (told.out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (told.err += chunk.toString()));
  const ended = once(child, 'close');
  await eventually(() => expect(told.err).toContain('fault: all is late'), 30_000);
  return { told, ended };
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s takes the fault back, says so, and the report is written',
  async (signal) => {
    const { told, ended } = await drilling(true);
    child.kill(signal);
    await expect(ended).resolves.toEqual([3, null]);
    expect(told.err).toMatch(
      /breaking off: the fault is taken back, and the report is written; Ctrl-C again ends at once\n.+the fault is taken back\nclosed\ngiven back\n/,
    );
    expect(told.out).toBe('aborted written,not-run undefined');
  },
);

test('a second Ctrl-C ends at once, whatever the first waits for', async () => {
  const { told, ended } = await drilling(false);
  child.kill('SIGINT');
  await eventually(() => expect(told.err).toContain('breaking off'));
  child.kill('SIGINT');
  await expect(ended).resolves.toEqual([3, null]);
  expect(told.out).toBe('');
});

test('progress that nobody reads any more does not end a drill', async () => {
  const { ended } = await drilling(true);
  child.stderr?.destroy();
  child.kill('SIGINT');
  await expect(ended).resolves.toEqual([3, null]);
});
