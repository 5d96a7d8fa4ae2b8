import type { Clock } from './clock.ts';
import type { OnEvent } from './events.ts';
import type { Stand } from './stand.ts';
import { messageOf, within } from './within.ts';

/** How the taking back of faults ended. */
export type TakenBack = {
  /** When nothing was left, or when it was given up. */
  readonly at: number;
  readonly seconds: number;
  /** What is left or not known; undefined: nothing is left, the stand says so. */
  readonly problem?: string;
};

/** For how long it is tried: a stand takes its faults back by itself not much later. */
export const TAKE_BACK_LIMIT_MS = 60_000;

const TRY_LIMIT_MS = 30_000;
const PAUSE_MS = 500;

/** Takes every fault back, tried again until the stand says that none is left or the time is over. Never throws. */
export async function takeBack(stand: Stand, clock: Clock, emit: OnEvent): Promise<TakenBack> {
  const from = clock.now();
  const limit = from + TAKE_BACK_LIMIT_MS;
  for (;;) {
    const problem = await tryOnce(stand, clock, Math.min(TRY_LIMIT_MS, Math.max(0, limit - clock.now())));
    const at = clock.now();
    const seconds = (at - from) / 1000;
    if (problem === undefined) return { at, seconds };
    if (at + PAUSE_MS >= limit) return { at, seconds, problem };
    emit({ kind: 'trouble', at, what: `the fault is not taken back yet: ${problem}; tried again` });
    await clock.wait(PAUSE_MS);
  }
}

async function tryOnce(stand: Stand, clock: Clock, limit: number): Promise<string | undefined> {
  try {
    await within(clock, limit, stand.revert());
    const left = await within(clock, limit, stand.leftovers());
    return left.length === 0 ? undefined : `there is still ${left.join(', ')}`;
  } catch (error) {
    return messageOf(error);
  }
}
