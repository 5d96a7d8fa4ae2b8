import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterDrill, ClusterDrills } from '../../../chaos/drill/cluster/index.ts';
import { writeReport, type Run } from '../../../chaos/report/index.ts';
import { drillOnCluster, type ClusterOutcome } from '../../../infra/cli/drill/cluster-drills.ts';
import { passedRun } from '../../chaos/report/runs.ts';
import { sluice } from '../sluice.ts';
import { recordingDesk, type RecordingDesk } from './desk.ts';

let out: string;
let desk: RecordingDesk;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'sluice-drills-'));
  desk = recordingDesk();
});
afterEach(() => rmSync(out, { recursive: true }));

const runOf = (id: string, changes: Partial<Run> = {}): Run => passedRun({ id, target: 'cluster', ...changes });

/** A cluster that keeps reports, and what it was asked for. */
function clusterOf({
  kept = [],
  start,
}: {
  readonly kept?: readonly Run[];
  readonly start: (drill: ClusterDrill, reports: Run[]) => Promise<number> | number;
}): ClusterDrills & { readonly asked: string[] } {
  const reports = [...kept];
  const asked: string[] = [];
  return {
    asked,
    start(drill) {
      const { experiment, dryRun, seed } = drill;
      asked.push(`start ${JSON.stringify({ experiment, dryRun, seed })}`);
      return Promise.resolve(start(drill, reports));
    },
    stop({ onLine }) {
      asked.push('stop');
      onLine('every fault is taken back');
      return Promise.resolve();
    },
    reports: () => Promise.resolve([...reports]),
  };
}

function drill(
  drills: ClusterDrills,
  options: Partial<Parameters<typeof drillOnCluster>[1]> = {},
): Promise<ClusterOutcome> {
  return drillOnCluster(drills, { dryRun: false, out, ...options }, desk, { writeReport });
}

test('a drill is followed to its end, and its reports alone are fetched', async () => {
  const drills = clusterOf({
    kept: [runOf('upstream-slow-old')],
    start({ onLine }, reports) {
      onLine('the fault is there\u001b[2J');
      reports.push(runOf('upstream-slow-new'));
      return 0;
    },
  });
  const { exit, results } = await drill(drills, { experiment: 'upstream-slow', seed: 7 });
  expect([exit, results.map(({ outcome, report }) => [outcome, report])]).toEqual([
    0,
    [['passed', join(out, 'upstream-slow-new')]],
  ]);
  expect(readdirSync(out)).toEqual(['upstream-slow-new']);
  expect(desk.told).toEqual({ out: '', err: 'the fault is there[2J\n' });
  expect(drills.asked).toEqual(['start {"experiment":"upstream-slow","dryRun":false,"seed":7}']);
});

test('what the cluster refuses ends with its code, and there is nothing to report', async () => {
  const drills = clusterOf({
    start({ onLine }) {
      onLine('refused: steady: not so');
      return 2;
    },
  });
  expect(await drill(drills)).toEqual({ exit: 2, results: [] });
  expect(desk.told.err).toContain('refused: steady');
});

test('a dry run tells its lines as its result', async () => {
  const drills = clusterOf({
    start({ onLine }) {
      onLine('pod-kill would touch:');
      return 0;
    },
  });
  await drill(drills, { dryRun: true });
  expect(desk.told).toEqual({ out: 'pod-kill would touch:\n', err: '' });
});

test('when somebody breaks off, the kill switch is pulled and the report of the run is fetched all the same', async () => {
  const drills = clusterOf({
    start({ signal }, reports) {
      desk.breakOff();
      reports.push(runOf('upstream-slow-new', { verdict: 'aborted', reason: 'it was stopped' }));
      signal?.throwIfAborted();
      return 0;
    },
  });
  const { exit, results } = await drill(drills);
  expect([exit, results.map(({ outcome }) => outcome)]).toEqual([3, ['aborted']]);
  expect(drills.asked.at(-1)).toBe('stop');
  expect(desk.told.err).toMatch(/breaking off: the cluster takes the fault back.+\nevery fault is taken back\n/);
});

test('a cluster that does not answer is told as it is, and the kill switch is left alone', async () => {
  const drills = clusterOf({ start: () => Promise.reject(new Error('no answer')) });
  await expect(drill(drills)).rejects.toThrow('no answer');
  expect(drills.asked).not.toContain('stop');
});

describe('refused before any cluster is asked', () => {
  test.each<readonly [string, readonly string[], RegExp]>([
    ['production', ['--all', '--env', 'prod'], /drills are not enabled in prod: set drills\.enabled/],
    ['quick pace', ['--all', '--quick'], /--quick is for --target local/],
    ['a cluster without its protection', ['--all', '--unprotected'], /--unprotected is for --target local/],
    ['an experiment that there is not', ['--experiment', 'pod-kil'], /did you mean 'pod-kill'/],
  ])('%s', (_what, args, message) => {
    const { code, stderr } = sluice(['drill', '--target', 'cluster', ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

test.each<readonly [string, readonly string[]]>([
  ['a drill', ['drill', '--target', 'cluster', '--all']],
  ['a stop', ['drill', 'stop', '--env', 'staging']],
])('%s without a cluster ends with 69', (_what, args) => {
  const { code, stderr } = sluice(args, { env: { HOME: out } });
  expect([code, stderr]).toEqual([69, expect.stringContaining('no cluster: KUBECONFIG is not set')]);
});
