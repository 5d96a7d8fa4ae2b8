import type { MeansId } from '../experiment.ts';
import type { Drill } from './drill.ts';
import { isLost, type SentRequest } from './load/request.ts';
import { failedAtFirst, reasonsOf } from './load/tally.ts';
import { DrillRefusedError, type RefusalCode } from './refusal.ts';
import { takeBack } from './take-back.ts';
import { ANSWER_LIMIT_MS, messageOf, within } from './within.ts';

/** How long the steady state may take to be seen green: what has just started has no figures yet. */
const GREEN_LIMIT_MS = 10_000;
const GREEN_PAUSE_MS = 500;

/** The share of requests that may fail at first where nothing is wrong: a kept connection ends as it is used. */
const FINE_SHARE = 0.05;

/** The means by which the stand does the fault. Throws a DrillRefusedError where it has none. */
export function requireMeans({ experiment, stand }: Drill): MeansId {
  const found = stand.meansFor(experiment);
  if ('means' in found) return found.means;
  throw refused('no-means', `experiment ${experiment.id} cannot be run here: ${found.skipped}`);
}

/** Takes back what earlier drills have left, and says what it was. Throws a DrillRefusedError where something stays. */
export async function clearLeftovers({ stand, clock, emit }: Drill): Promise<readonly string[]> {
  emit({ kind: 'step', at: clock.now(), step: 'leftovers', title: 'faults of earlier drills are looked for' });
  const left = await within(clock, ANSWER_LIMIT_MS, stand.leftovers()).catch((error: unknown) => {
    const message = `whether an earlier drill has left a fault is not known: ${messageOf(error)}; mend that and try again`;
    throw refused('leftover-stays', message, error);
  });
  if (left.length === 0) return left;
  for (const leftover of left) emit({ kind: 'leftover', at: clock.now(), leftover });
  const { problem } = await takeBack(stand, clock, emit);
  if (problem === undefined) return left;
  throw refused('leftover-stays', `a fault of an earlier drill is not to be taken back: ${problem}; remove it by hand`);
}

/** Waits until the steady state is green, and says after how many seconds. Throws a DrillRefusedError where it is not. */
export async function requireSteady({ experiment, stand, clock, emit, breakOff, findRed }: Drill): Promise<number> {
  const from = clock.now();
  const until = from + GREEN_LIMIT_MS;
  emit({ kind: 'step', at: from, step: 'steady-state', title: 'steady state must be green', until });
  for (;;) {
    const red = await findRed();
    if (red.length === 0 || breakOff.signal.aborted) return (clock.now() - from) / 1000;
    if (clock.now() + GREEN_PAUSE_MS > until) {
      const { environment } = stand.service;
      const message = `the steady state of ${environment} is red before ${experiment.id}: ${red.join('; ')}; mend that and drill again`;
      throw refused('steady-state-red', message);
    }
    await clock.wait(GREEN_PAUSE_MS, breakOff.signal);
  }
}

/** Checks that what the load asks for is answered while nothing is wrong. Throws a DrillRefusedError where it is not. */
export function requireFineLoad({ experiment }: Drill, requests: readonly SentRequest[]): void {
  const ended = requests.filter(({ first }) => first !== undefined);
  const failed = failedAtFirst(ended);
  const isFine = !ended.some(isLost) && failed.length <= FINE_SHARE * ended.length;
  if (isFine && (ended.length > 0 || requests.length === 0)) return;
  const reasons = Object.entries(reasonsOf(failed)).map(([reason, count]) => `${reason}: ${count}`);
  const asks = [...new Set(failed.map(({ ask }) => ask))].join(', ');
  const what =
    failed.length > 0
      ? `${failed.length} of ${ended.length} requests fail (${asks}; ${reasons.join(', ')})`
      : `none of ${requests.length} requests is answered`;
  const message = `the load of ${experiment.id} fails before there is any fault: ${what}; mend the load or what it asks for`;
  throw refused('load-fails', message);
}

function refused(code: RefusalCode, message: string, cause?: unknown): DrillRefusedError {
  return new DrillRefusedError([{ code, message }], { cause });
}
