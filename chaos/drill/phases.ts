import type { MeansId } from '../experiment.ts';
import type { Drill } from './drill.ts';
import type { FaultTimes } from './evidence/course.ts';
import { faultTitle } from './fault-title.ts';
import { requireFineLoad } from './preparation.ts';
import type { Running } from './running.ts';
import { takeBack, TAKE_BACK_LIMIT_MS, type TakenBack } from './take-back.ts';
import { messageOf, within } from './within.ts';

/** The load alone: what it asks for must be answered. Throws a DrillRefusedError where it is not. */
export async function before(drill: Drill, { load }: Running): Promise<void> {
  const { clock, timing, emit, breakOff } = drill;
  const at = clock.now();
  const until = at + timing.before;
  emit({ kind: 'step', at, step: 'before', title: 'the load runs, and nothing is wrong', until });
  await drill.until(() => false, until);
  if (!breakOff.signal.aborted) requireFineLoad(drill, load.requests);
}

/**
 * The fault: until every link that counts from it has happened, not before its least time, and at most for its
 * duration. Whatever happens, it is taken back. Undefined: the drill was broken off before.
 */
export async function underFault(drill: Drill, running: Running, means: MeansId): Promise<FaultTimes | undefined> {
  const { experiment, stand, timing, clock, emit, breakOff } = drill;
  const { links, watch } = running;
  if (breakOff.signal.aborted) return undefined;
  const beganAt = clock.now();
  let injectedAt: number | undefined;
  let endedAt: number;
  let takenBack: TakenBack;
  watch.beginFault(beganAt);
  links.begin('fault', beganAt);
  running.setFault(true);
  try {
    const until = beganAt + timing.duration;
    emit({
      kind: 'step',
      at: beganAt,
      step: 'fault',
      title: 'the fault is there until all that it causes is seen',
      until,
    });
    await within(clock, timing.deadline, stand.inject(experiment, timing.deadline), breakOff.signal);
    const from = (injectedAt = clock.now());
    links.begin('fault', from);
    const title = faultTitle(experiment, means);
    emit({ kind: 'injected', at: from, title, means, deadline: from + timing.deadline });
    const isOver = (): boolean => clock.now() - from >= timing.least && links.haveHappened('fault');
    await drill.until(isOver, from + timing.duration);
  } catch (error) {
    breakOff.because(`the fault could not be injected: ${messageOf(error)}`);
  } finally {
    endedAt = clock.now();
    running.setFault(false);
    links.tick(endedAt);
    links.end('fault', endedAt);
    const limit = endedAt + TAKE_BACK_LIMIT_MS;
    emit({ kind: 'step', at: endedAt, step: 'revert', title: 'the fault is taken back', until: limit });
    takenBack = await takeBack(stand, clock, emit);
  }
  if (takenBack.problem === undefined) emit({ kind: 'reverted', at: takenBack.at });
  return { beganAt, ...(injectedAt !== undefined && { injectedAt }), endedAt, takenBack };
}

/** What follows: until every link that counts from the taking back has happened, and a while longer for what is late. */
export async function after(
  { clock, timing, emit, breakOff, until }: Drill,
  { links, watch }: Running,
  fault: FaultTimes,
): Promise<void> {
  if (breakOff.signal.aborted) return;
  watch.beginAfter();
  links.begin('revert', fault.takenBack.at);
  const limit = (links.lastDue('revert') ?? clock.now()) + timing.grace;
  emit({
    kind: 'step',
    at: clock.now(),
    step: 'after',
    title: 'everything comes back by itself',
    until: limit,
  });
  await until(() => links.haveHappened('revert'), limit);
  links.tick(clock.now());
  links.end('revert', clock.now());
}
