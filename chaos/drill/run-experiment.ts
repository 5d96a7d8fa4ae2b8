import type { Experiment } from '../experiment.ts';
import type { Run } from '../report/run.ts';
import type { Clock } from './clock.ts';
import type { OnEvent } from './events.ts';
import type { Pace, Stand } from './stand.ts';

/** What a drill is made of. */
export type RunOptions = {
  readonly experiment: Experiment;
  /** Started, and closed by whoever started it. */
  readonly stand: Stand;
  readonly pace: Pace;
  /** Of the load: the same requests at the same moments. */
  readonly seed: number;
  /** Whether the stand runs without the protection that the experiment rehearses. Default: it runs with it. */
  readonly unprotected?: boolean;
  readonly onEvent?: OnEvent;
  /** Breaks the drill off: the fault is taken back, and the run ends as aborted. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
};

/**
 * Runs one experiment and says what became of it. Throws a DrillRefusedError, with nothing injected, where the
 * experiment cannot be run here or what runs is not well; whatever happens once there is a fault, it is taken back.
 */
export async function runExperiment(options: RunOptions): Promise<Run> {
  await Promise.resolve(options);
  throw new Error('runExperiment is not there yet: wait for the engine of the drill.');
}
