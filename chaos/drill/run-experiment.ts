import type { Run } from '../report/run.ts';
import { openDrill, type Drill, type RunOptions } from './drill.ts';
import type { Course, FaultTimes } from './evidence/course.ts';
import { runRecord } from './evidence/run-record.ts';
import { after, before, underFault } from './phases.ts';
import { clearLeftovers, requireMeans, requireSteady } from './preparation.ts';
import { requireRunnable } from './runnable.ts';
import { startRunning } from './running.ts';
import { ANSWER_LIMIT_MS, within } from './within.ts';

export type { RunOptions } from './drill.ts';

/**
 * Runs one experiment and says what became of it. Throws a DrillRefusedError, with nothing injected, where the
 * experiment cannot be run here or what runs is not well; whatever happens once there is a fault, it is taken back.
 */
export async function runExperiment(options: RunOptions): Promise<Run> {
  const { experiment, stand, pace, seed, unprotected = false } = options;
  requireRunnable(experiment, stand.service, pace);
  const drill = openDrill(options);
  const { clock, timing, breakOff, emit, transport } = drill;
  try {
    const means = requireMeans(drill);
    const startedAt = clock.now();
    const versions = await versionsOf(drill);
    const leftovers = await clearLeftovers(drill);
    const greenAfter = await requireSteady(drill);

    const running = startRunning(drill);
    const beforeAt = clock.now();
    let fault: FaultTimes | undefined;
    try {
      await before(drill, running);
      fault = await underFault(drill, running, means);
      if (fault) await after(drill, running, fault);
    } finally {
      await running.stop();
    }

    const endedAt = clock.now();
    const { load, links, watch, figures, blind } = running;
    const run = runRecord({
      ...{ experiment, stand, pace, timing, means, seed, unprotected, versions, leftovers, greenAfter },
      ...{ startedAt, endedAt, phases: phasesOf(beforeAt, fault, endedAt), fault, aborted: breakOff.reason() },
      ...{ links: links.tracked(), blind, requests: load.requests, figures, watch },
    });
    emit({ kind: 'step', at: endedAt, step: 'verdict', title: run.reason });
    for (const assertion of run.assertions) emit({ kind: 'asserted', at: endedAt, assertion });
    emit({ kind: 'ended', at: endedAt, run });
    return run;
  } finally {
    transport.close();
  }
}

/** What runs, where the stand can tell: a report without versions is better than none. */
async function versionsOf({ stand, clock }: Drill): Promise<Course['versions']> {
  try {
    return await within(clock, ANSWER_LIMIT_MS, stand.versions());
  } catch {
    return {};
  }
}

function phasesOf(beforeAt: number, fault: FaultTimes | undefined, endedAt: number): Run['phases'] {
  if (!fault) return [{ name: 'before', from: beforeAt, to: endedAt }];
  return [
    { name: 'before', from: beforeAt, to: fault.beganAt },
    { name: 'fault', from: fault.beganAt, to: fault.takenBack.at },
    { name: 'after', from: fault.takenBack.at, to: endedAt },
  ];
}
