import type { Service } from '../../../../service/definition/index.ts';
import type { Experiment } from '../../../experiment.ts';
import { experimentsOf, EXPERIMENTS } from '../../../index.ts';
import type { Run } from '../../../report/run.ts';
import type { Clock } from '../../clock.ts';
import { FULL } from '../../pace.ts';
import { DrillRefusedError } from '../../refusal.ts';
import { runExperiment } from '../../run-experiment.ts';
import type { Stand } from '../../stand.ts';
import { obstacleInWords, settle } from '../preflight/preflight.ts';
import type { PreflightContext } from '../preflight/checks.ts';
import { eventLines } from './lines.ts';
import type { Seat } from './seat.ts';

/** Exit codes as of the command line. */
export const EXIT = { done: 0, failed: 1, refused: 2, aborted: 3, missing: 69 } as const;

/** What a drill runs, and whom it tells. */
export type DrillOptions = {
  readonly experiments: readonly Experiment[];
  readonly stand: Stand;
  readonly seat: Seat;
  readonly preflight: PreflightContext;
  readonly clock: Clock;
  readonly seed: number;
  /** Breaks everything off. */
  readonly signal: AbortSignal;
  readonly write: (line: string) => void;
  /** Keeps the report of a run. */
  readonly keep: (run: Run) => Promise<void>;
};

type Outcome = 'passed' | 'failed' | 'aborted' | 'refused';

/** What would be run, and what not and why. */
export type Chosen = {
  readonly chosen: readonly Experiment[];
  readonly skipped: readonly { readonly id: string; readonly why: string }[];
};

/** The experiments of a drill: the one that is named, or those that the definition names and the environment can. */
export function chooseExperiments(stand: Stand, service: Service, only: string | undefined): Chosen {
  const fitting = new Set(experimentsOf(service));
  const { experiments: named } = service.drills;
  const meant = EXPERIMENTS.filter(({ id }) =>
    only === undefined ? named === 'all' || named.includes(id) : id === only,
  );
  const skipped: { id: string; why: string }[] = [];
  const chosen = meant.filter((experiment) => {
    const means = stand.meansFor(experiment);
    const why = !fitting.has(experiment)
      ? `${service.environment} does not run what its fault needs`
      : 'skipped' in means
        ? means.skipped
        : undefined;
    if (why !== undefined) skipped.push({ id: experiment.id, why });
    return why === undefined;
  });
  return { chosen, skipped };
}

/** Runs experiments one after the other; gives the exit code. What one has stirred up has settled before the next. */
export async function drill(options: DrillOptions): Promise<number> {
  const { experiments, seat, write, signal } = options;
  const outcomes: Outcome[] = [];
  for (const experiment of experiments) {
    if (signal.aborted) break;
    const outcome = await runOne(options, experiment);
    outcomes.push(outcome);
    await seat.count(outcome);
    // An environment that had more to bear than it should is left alone.
    if (outcome === 'aborted') break;
  }
  const passed = outcomes.filter((outcome) => outcome === 'passed').length;
  write(`${passed} of ${experiments.length} experiments passed`);
  if (signal.aborted || outcomes.includes('aborted')) return EXIT.aborted;
  if (outcomes.includes('failed')) return EXIT.failed;
  if (passed < experiments.length || passed === 0) return EXIT.refused;
  await seat.succeeded();
  return EXIT.done;
}

async function runOne(options: DrillOptions, experiment: Experiment): Promise<Outcome> {
  const { stand, seat, preflight, clock, seed, signal, write, keep } = options;
  const isOver = (): boolean => signal.aborted;
  write(`${experiment.id}: ${experiment.hypothesis}`);
  const obstacles = await settle(preflight, { clock, signal });
  if (isOver()) return 'aborted';
  if (obstacles.length > 0) {
    for (const obstacle of obstacles) write(`refused: ${obstacleInWords(obstacle)}`);
    return 'refused';
  }
  await seat.enter(experiment.id);
  try {
    const run = await runExperiment({ experiment, stand, pace: FULL, seed, signal, clock, onEvent: eventLines(write) });
    await keep(run);
    return run.verdict;
  } catch (error) {
    if (!(error instanceof DrillRefusedError)) throw error;
    for (const { message } of error.refusals) write(`refused: ${message}`);
    return isOver() ? 'aborted' : 'refused';
  }
}
