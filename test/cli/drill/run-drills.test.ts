import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QUICK } from '../../../chaos/drill/pace.ts';
import { DrillRefusedError, type RefusalCode } from '../../../chaos/drill/refusal.ts';
import type { Experiment } from '../../../chaos/index.ts';
import { readRun, writeReport, type Assertion, type Run } from '../../../chaos/report/index.ts';
import { UnavailableError, UsageError } from '../../../infra/cli/errors.ts';
import { dryRun } from '../../../infra/cli/drill/dry-run.ts';
import { exitCodeOf, type Result } from '../../../infra/cli/drill/result.ts';
import { resultsAsJson, resultsInWords } from '../../../infra/cli/drill/results-in-words.ts';
import { runDrills, type DrillTools } from '../../../infra/cli/drill/run-drills.ts';
import { passedRun } from '../../chaos/report/runs.ts';
import { recordingDesk, type RecordingDesk } from './desk.ts';
import { fakeTarget, requireExperiment, type FakeTarget } from './target.ts';

const SLOW = requireExperiment('upstream-slow');
const ERRORS = requireExperiment('upstream-erroring');
const FROZEN = requireExperiment('redis-frozen');

let out: string;
let desk: RecordingDesk;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'sluice-drills-'));
  desk = recordingDesk();
});
afterEach(() => rmSync(out, { recursive: true }));

type Doing = Partial<Run> | Error | (() => Partial<Run>);

/** Runs each experiment as it is told, by its id; by default it passes. */
function drill(
  experiments: readonly Experiment[],
  {
    doing = {},
    unprotected = false,
    target = fakeTarget(),
  }: {
    readonly doing?: Readonly<Record<string, Doing>>;
    readonly unprotected?: boolean;
    readonly target?: FakeTarget;
  } = {},
): Promise<readonly Result[]> {
  const run: DrillTools['run'] = ({ experiment, seed }) => {
    const what = doing[experiment.id] ?? {};
    if (what instanceof Error) return Promise.reject(what);
    const changes = typeof what === 'function' ? what() : what;
    return Promise.resolve(passedRun({ experiment: experiment.id, id: `${experiment.id}-1`, seed, ...changes }));
  };
  return runDrills(experiments, { target, pace: QUICK, seed: 7, out, unprotected }, desk, { run, writeReport });
}

const outcomes = (results: readonly Result[]): readonly string[] =>
  results.map(({ experiment, outcome, exit }) => `${experiment} ${outcome} ${exit}`);
const broke = (id: string): Assertion => ({
  id,
  title: id,
  kind: 'bound',
  outcome: 'broke',
  measured: '3',
  allowed: '0',
});
const FAILED = { verdict: 'failed', reason: 'it broke', assertions: [broke('lost-critical')] } as const;
const refused = (code: RefusalCode): Error => new DrillRefusedError([{ code, message: `it is ${code}` }]);

test('every run leaves its report, its stand is closed, and the machine is reserved from the first to the last', async () => {
  const target = fakeTarget();
  const results = await drill([SLOW, ERRORS], { target });
  expect(outcomes(results)).toEqual(['upstream-slow passed 0', 'upstream-erroring passed 0']);
  expect(target.done).toEqual([
    'reserve',
    'open upstream-slow',
    'close upstream-slow',
    'open upstream-erroring',
    'close upstream-erroring',
    'release',
  ]);
  expect(results.map(({ report = '' }) => readRun(report).seed)).toEqual([7, 7]);
});

test('all go on after one that failed, was refused, cannot be started or cannot be done here', async () => {
  const target = fakeTarget({
    plan: ({ id }) =>
      id === 'pod-kill' ? { skipped: 'only a cluster has pods' } : { means: 'local', touches: [], unseen: [] },
    failsWith: ({ id }) => (id === 'redis-lost' ? new Error('Redis does not start') : undefined),
  });
  const experiments = [SLOW, ERRORS, requireExperiment('pod-kill'), requireExperiment('redis-lost'), FROZEN];
  const results = await drill(experiments, {
    target,
    doing: {
      'upstream-slow': FAILED,
      'upstream-erroring': refused('steady-state-red'),
    },
  });
  expect(outcomes(results)).toEqual([
    'upstream-slow failed 1',
    'upstream-erroring refused 1',
    'pod-kill skipped 2',
    'redis-lost refused 1',
    'redis-frozen passed 0',
  ]);
  expect(target.done.filter((each) => each.startsWith('close'))).toHaveLength(3);
  expect(exitCodeOf(results, false)).toBe(1);
});

test('a run whose report cannot be written is told all the same, and is no success', async () => {
  await drill([SLOW]);
  const [result] = await drill([SLOW]);
  expect(result).toMatchObject({ outcome: 'passed', exit: 1, run: { experiment: 'upstream-slow' } });
  expect(result?.why).toContain('exists, and evidence is never overwritten');
});

test('a stand is closed and the machine given back when a run throws', async () => {
  const target = fakeTarget();
  await drill([SLOW], { target, doing: { 'upstream-slow': new Error('the engine broke') } });
  expect(target.done).toEqual(['reserve', 'open upstream-slow', 'close upstream-slow', 'release']);
});

describe('the exit code', () => {
  test.each<readonly [string, Doing, number]>([
    ['a hypothesis that held', {}, 0],
    ['one that did not', FAILED, 1],
    ['a run that gave up', { verdict: 'aborted' }, 3],
    ['what is not well before the fault', refused('steady-state-red'), 1],
    ['an experiment that cannot be done here', refused('no-means'), 2],
    ['an environment without what it needs', refused('does-not-fit'), 2],
    ['wrong usage', new UsageError('no'), 2],
    ['a server that is missing', new UnavailableError('redis-server is not on PATH'), 69],
  ])('of %s', async (_what, doing, code) => {
    expect(exitCodeOf(await drill([SLOW], { doing: { 'upstream-slow': doing } }), false)).toBe(code);
  });

  test('of one that is skipped says so, and of several that one was skipped is no failure', async () => {
    const skip = (isMissing: boolean) =>
      fakeTarget({
        plan: ({ id }) => (id === SLOW.id ? { skipped: 'no', isMissing } : { means: 'local', touches: [], unseen: [] }),
      });
    expect(exitCodeOf(await drill([SLOW], { target: skip(false) }), false)).toBe(2);
    expect(exitCodeOf(await drill([SLOW], { target: skip(true) }), false)).toBe(69);
    expect(exitCodeOf(await drill([SLOW, ERRORS], { target: skip(false) }), false)).toBe(0);
  });
});

describe('without its protection', () => {
  const [breaks = ''] = SLOW.protection.breaks;
  const run = (changes: Partial<Run>) => drill([SLOW], { unprotected: true, doing: { 'upstream-slow': changes } });

  test('a run that breaks what it has to is as it should be, and says what broke', async () => {
    const [result] = await run({ verdict: 'failed', assertions: [broke(breaks), broke('other')] });
    expect(result).toMatchObject({
      outcome: 'broke',
      exit: 0,
      why: `without ${SLOW.protection.name}, ${breaks} broke`,
    });
  });

  test('a run that passes is a defect of the drill', async () => {
    const [result] = await run({});
    expect(result).toMatchObject({ outcome: 'withstood', exit: 1 });
    expect(result?.why).toContain(`nothing broke, and ${breaks} has to`);
  });

  test('a run that fails by something else is one too', async () => {
    const [result] = await run({ verdict: 'failed', assertions: [broke('steady-after')] });
    expect(result).toMatchObject({ outcome: 'withstood', exit: 1 });
    expect(result?.why).toContain('only steady-after broke');
  });

  test('a run that gave up counts only where what has to break did', async () => {
    expect((await run({ verdict: 'aborted', assertions: [] }))[0]).toMatchObject({ outcome: 'aborted', exit: 3 });
    rmSync(join(out, `${SLOW.id}-1`), { recursive: true });
    expect((await run({ verdict: 'aborted', assertions: [broke(breaks)] }))[0]).toMatchObject({
      outcome: 'broke',
      exit: 0,
    });
  });
});

describe('when somebody breaks off', () => {
  test('the run that is under way ends with its report, and the others are not begun', async () => {
    const doing = {
      'upstream-slow': () => {
        desk.breakOff();
        return { verdict: 'aborted', reason: 'it was told to stop' } as const;
      },
    };
    const target = fakeTarget();
    const results = await drill([SLOW, ERRORS], { target, doing });
    expect(outcomes(results)).toEqual(['upstream-slow aborted 3', 'upstream-erroring not-run 3']);
    expect(exitCodeOf(results, true)).toBe(3);
    expect(readdirSync(out)).toEqual(['upstream-slow-1']);
    expect(desk.told.err).toContain('breaking off: the fault is taken back');
    expect(target.done).toEqual(['reserve', 'open upstream-slow', 'close upstream-slow', 'release']);
  });

  test('while a stand starts, nothing is injected and the stand is closed', async () => {
    const target = fakeTarget({ onOpen: () => desk.breakOff() });
    const results = await drill([SLOW], { target, doing: { 'upstream-slow': new Error('it was run') } });
    expect(outcomes(results)).toEqual(['upstream-slow not-run 3']);
    expect(target.done).toContain('close upstream-slow');
  });
});

describe('results', () => {
  test('of one experiment are its assertions, its report and how to do it again', async () => {
    const results = await drill([SLOW]);
    const text = resultsInWords(results);
    expect(text).toMatch(/^assertion +outcome +measured +allowed\n/);
    expect(text).toContain(`\nreport: ${join(out, 'upstream-slow-1', 'report.html')}\n`);
    expect(text).toMatch(/upstream-slow passed: .+\n/);
    expect(text).toContain('again:  ');
  });

  test('of several are a row each and what they come to', async () => {
    const text = resultsInWords(
      await drill([SLOW, ERRORS], { doing: { 'upstream-slow': FAILED } }),
      'drills/index.html',
    );
    expect(text).toMatch(
      /^experiment +outcome +took +lost +why\nupstream-slow +failed .+it broke\nupstream-erroring +passed /,
    );
    expect(text).toMatch(/\n1 failed, 1 passed\nreport: drills\/index\.html\n$/);
  });

  test('for programs hold the exit code and every assertion', async () => {
    const results = await drill([SLOW]);
    const document = JSON.parse(resultsAsJson(results, 0)) as {
      readonly experiments: readonly { readonly assertions: unknown }[];
    };
    expect(document).toMatchObject({
      exitCode: 0,
      experiments: [{ experiment: 'upstream-slow', outcome: 'passed', seed: 7, report: join(out, 'upstream-slow-1') }],
    });
    expect(document.experiments[0]?.assertions).toEqual(results[0]?.run?.assertions);
  });
});

test('a dry run tells what would be touched, what cannot be seen, and what is skipped and why, and touches nothing', async () => {
  const target = fakeTarget({
    plan: ({ id }) =>
      id === ERRORS.id
        ? { skipped: 'no reason' }
        : { means: 'local', touches: ['a', 'b'], unseen: ['told: no Prometheus'] },
  });
  await expect(dryRun([SLOW, ERRORS], target, desk)).resolves.toBe(0);
  expect(desk.told.out).toBe(
    'upstream-slow (local) would touch:\n  a\n  b\n  cannot be seen here: told: no Prometheus\n\nskipped:\n  upstream-erroring: no reason\n\nnothing was touched\n',
  );
  expect(target.done).toEqual([]);
  await expect(dryRun([ERRORS], target, desk)).resolves.toBe(2);
});
