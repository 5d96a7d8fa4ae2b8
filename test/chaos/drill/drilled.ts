import { expect } from '@jest/globals';
import type { DrillEvent } from '../../../chaos/drill/events.ts';
import { FULL } from '../../../chaos/drill/pace.ts';
import { DrillRefusedError } from '../../../chaos/drill/refusal.ts';
import { runExperiment, type RunOptions } from '../../../chaos/drill/run-experiment.ts';
import type { Experiment } from '../../../chaos/experiment.ts';
import type { Assertion, Run } from '../../../chaos/report/run.ts';
import { anExperiment } from './experiments.ts';
import { simulatedStand, type Script, type SimulatedStand } from './simulated-stand.ts';
import { createVirtualClock } from './virtual-clock.ts';

/** A run, and what it ran on. */
export type Drilled = { readonly run: Run; readonly stand: SimulatedStand; readonly events: readonly DrillEvent[] };

/** Runs an experiment on a stand that does as a script says, in moments. */
export async function drill(
  script: Script,
  changes: Partial<Experiment> = {},
  options: Partial<RunOptions> = {},
): Promise<Drilled> {
  const { stand, events, running } = begin(script, changes, options);
  return { run: await running, stand, events };
}

function begin(script: Script, changes: Partial<Experiment> = {}, options: Partial<RunOptions> = {}) {
  const clock = createVirtualClock();
  const stand = simulatedStand(clock, script);
  const events: DrillEvent[] = [];
  const { transport } = stand;
  const onEvent = (event: DrillEvent): void => void events.push(event);
  const base = { experiment: anExperiment(changes), stand, pace: FULL, seed: 1, clock, transport, onEvent };
  const running = clock.run(runExperiment({ ...base, ...options }));
  return { clock, stand, events, running };
}

/** Why a drill was refused, and what had been done to its stand by then. */
export async function refusalOf(
  script: Script,
  changes: Partial<Experiment> = {},
): Promise<[DrillRefusedError, readonly string[]]> {
  const { stand, running } = begin(script, changes);
  const error = await running.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DrillRefusedError);
  return [error as DrillRefusedError, stand.done];
}

/** An assertion of a run by its id. */
export const assertion = ({ assertions }: Run, id: string): Assertion | undefined =>
  assertions.find((each) => each.id === id);
/** Ids of what broke in a run. */
export const brokenOf = ({ assertions }: Run): string[] =>
  assertions.flatMap(({ id, outcome }) => (outcome === 'broke' ? id : []));
