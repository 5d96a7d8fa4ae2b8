import type { runExperiment } from '../../../chaos/drill/run-experiment.ts';
import type { Pace } from '../../../chaos/drill/stand.ts';
import type { Experiment } from '../../../chaos/index.ts';
import type { Run } from '../../../chaos/report/index.ts';
import { EXIT } from '../errors.ts';
import type { DrillDesk } from './desk.ts';
import { oneLine, refusalOf, resultOf, type Result } from './result.ts';
import type { DrillTarget, Plan } from './target.ts';
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
  const planned: (readonly [Experiment, Plan])[] = [];
  for (const experiment of experiments) planned.push([experiment, await options.target.plan(experiment)]);
  // Where nothing can be done, it does not matter that somebody else drills.
  const isAny = planned.some(([, plan]) => 'means' in plan);
  const release = isAny ? await options.target.reserve() : () => Promise.resolve();
  const results: Result[] = [];
  try {
    for (const [experiment, plan] of planned) {
      results.push(
        'skipped' in plan ? skipped(experiment, plan) : await runOne(experiment, plan, options, desk, tools),
      );
    }
  } finally {
    await release();
  }
  return results;
}

type Skipped = Extract<Plan, { skipped: string }>;
type Possible = Exclude<Plan, Skipped>;

function skipped({ id }: Experiment, { skipped: why, isMissing = false }: Skipped): Result {
  return { experiment: id, outcome: 'skipped', why, exit: isMissing ? EXIT.unavailable : EXIT.usage };
}

async function runOne(
  experiment: Experiment,
  plan: Possible,
  options: DrillOptions,
  desk: DrillDesk,
  tools: DrillTools,
): Promise<Result> {
  const { id } = experiment;
  const isBroken = (): boolean => desk.broken.aborted;
  if (isBroken()) return brokenOff(id);
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
  const result = resultOf(run, experiment, unprotected);
  try {
    return { ...result, report: writeReport(run, out) };
  } catch (error) {
    // What is known of the run must not be lost with its report.
    return { ...result, why: `${result.why}; ${oneLine((error as Error).message)}`, exit: result.exit || EXIT.failed };
  }
}

function brokenOff(experiment: string): Result {
  const why = 'broken off before there was a fault; nothing was injected';
  return { experiment, outcome: 'not-run', why, exit: EXIT.aborted };
}
