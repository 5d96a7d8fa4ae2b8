import type { runExperiment } from '../../../chaos/drill/run-experiment.ts';
import type { Pace } from '../../../chaos/drill/stand.ts';
import type { Experiment } from '../../../chaos/index.ts';
import type { Run } from '../../../chaos/report/index.ts';
import { EXIT } from '../errors.ts';
import type { DrillDesk } from './desk.ts';
import { refusalOf, resultOf, type Result } from './result.ts';
import type { DrillTarget } from './target.ts';
import { openView, type View } from './view/index.ts';

/** What drills are run with. */
export type DrillOptions = {
  readonly target: DrillTarget;
  readonly pace: Pace;
  readonly seed: number;
  /** Folder of the reports. */
  readonly out: string;
  readonly unprotected: boolean;
};

/** What does the work, so that it can be tested without. */
export type DrillTools = {
  readonly run: typeof runExperiment;
  /** Writes the folder of a run and gives its path. */
  readonly writeReport: (run: Run, out: string) => string;
};

/** Runs experiments one after the other, whatever becomes of each, until somebody breaks off. */
export async function runDrills(
  experiments: readonly Experiment[],
  options: DrillOptions,
  desk: DrillDesk,
  tools: DrillTools,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const release = await options.target.reserve();
  try {
    for (const experiment of experiments) results.push(await runOne(experiment, options, desk, tools));
  } finally {
    await release();
  }
  return results;
}

async function runOne(
  experiment: Experiment,
  options: DrillOptions,
  desk: DrillDesk,
  tools: DrillTools,
): Promise<Result> {
  const { target } = options;
  const { id } = experiment;
  const isBroken = (): boolean => desk.broken.aborted;
  if (isBroken()) return brokenOff(id);
  const plan = await target.plan(experiment);
  if ('skipped' in plan) {
    const exit = plan.isMissing ? EXIT.unavailable : EXIT.usage;
    return { experiment: id, outcome: 'skipped', why: plan.skipped, exit };
  }
  const view = openView(id, desk);
  const onBreak = (): void =>
    view.say('breaking off: the fault is taken back, and the report is written; Ctrl-C again ends at once');
  desk.broken.addEventListener('abort', onBreak, { once: true });
  try {
    for (const each of plan.unseen) view.say(`cannot be seen here: ${each}`);
    return await drillOn(experiment, options, desk, tools, view);
  } catch (error) {
    // What is no Error is a defect of this program, and told as such.
    if (!(error instanceof Error)) throw error;
    return isBroken() ? brokenOff(id) : refusalOf(id, error);
  } finally {
    desk.broken.removeEventListener('abort', onBreak);
    view.close();
  }
}

async function drillOn(
  experiment: Experiment,
  { target, pace, seed, out, unprotected }: DrillOptions,
  { broken }: DrillDesk,
  { run: runExperiment, writeReport }: DrillTools,
  view: View,
): Promise<Result> {
  view.say(`starting what ${experiment.id} runs against`);
  const request = { pace, seed, unprotected, log: view.say, signal: broken };
  const stand = await target.open(experiment, request);
  let run: Run;
  try {
    if (broken.aborted) return brokenOff(experiment.id);
    run = await runExperiment({ experiment, stand, pace, seed, unprotected, onEvent: view.onEvent, signal: broken });
  } finally {
    // Whatever became of the run: with it goes what it has left.
    await stand.close().catch((error: unknown) => view.say(`not everything has ended: ${(error as Error).message}`));
  }
  return resultOf(run, writeReport(run, out), experiment, unprotected);
}

function brokenOff(experiment: string): Result {
  const why = 'broken off before there was a fault; nothing was injected';
  return { experiment, outcome: 'not-run', why, exit: EXIT.aborted };
}
