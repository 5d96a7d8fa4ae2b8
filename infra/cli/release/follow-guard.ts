import type { GuardEvent, Outcome, Watch } from '../../../alerts/rollback/index.ts';
import { toMilliseconds } from '../../../service/definition/index.ts';
import { unlessBroken } from '../deploy/break-off.ts';
import type { Desk } from '../deploy/desk.ts';
import type { Clock } from './clock.ts';
import type { Place } from './place.ts';
import { readRunning } from './running.ts';
import { readRecords, readStores, type Stores } from './stores.ts';

/** How an order ended. */
export type End = { readonly outcome: Outcome; readonly ending: string; readonly record?: string };

const LOOK_EVERY_MS = 1000;
// Beside the restore itself: the guard takes the order, decides, and writes its end down.
const BESIDE_MS = 30_000;
const BROKEN = 'broken off; the guard goes on with what it was told, without being followed';

/** Follows what the guard does by an order, with progress; undefined when it has not ended in time. */
export async function followGuard(
  place: Place,
  order: GuardEvent,
  { desk, clock }: { readonly desk: Desk; readonly clock: Clock },
): Promise<End | undefined> {
  const { restoreDeadline } = place.service.release;
  const until = clock.now() + toMilliseconds(restoreDeadline) + BESIDE_MS;
  let told = '';
  while (clock.now() < until) {
    const [stores, { gateway }] = await unlessBroken(desk, BROKEN, () =>
      Promise.all([readStores(place), readRunning(place)]),
    );
    const end = await unlessBroken(desk, BROKEN, () => findEnd(place, stores, order));
    if (end) return end;
    const { watch, phase = '' } = stores.state ?? {};
    const step = watch?.order?.key === order.key ? phase : 'waiting for the guard';
    const line = `${step}: ${gateway?.ready ?? 0} of ${gateway?.wanted ?? 0} pods Ready`;
    if (line !== told) desk.err(`  ${line}\n`);
    told = line;
    await unlessBroken(desk, BROKEN, () => clock.pause(LOOK_EVERY_MS, desk.broken));
  }
  return undefined;
}

/**
 * How it ended; undefined while it has not. An order that is refused while a window runs ends by itself: the watch goes on
 * without it, and its end is owed to the records, or stands there.
 */
async function findEnd(place: Place, { state }: Stores, { key, hash }: GuardEvent): Promise<End | undefined> {
  const watch = state?.watch;
  if (watch?.order?.key === key) return isOver(watch) ? endOf(watch) : undefined;
  if (!state?.taken.includes(key)) return undefined;
  const owed = state.owed.flatMap((one) => (one.kind === 'record' ? [one.watch] : []));
  const isOfOrder = ({ order }: Pick<Watch, 'order'>): boolean => order?.key === key;
  const kept = owed.filter(isOver).find(isOfOrder) ?? (await readRecords(place)).records.find(isOfOrder);
  if (kept) return endOf(kept);
  if (state.current !== undefined && state.current !== hash) {
    return { outcome: 'superseded', ending: `${state.current} took its place meanwhile` };
  }
  return {
    outcome: 'refused',
    ending: 'the guard took the order and did nothing by it, as while it goes back already',
  };
}

function isOver(watch: Watch): watch is Watch & { readonly outcome: Outcome } {
  return watch.outcome !== undefined && watch.endedAt !== undefined;
}

function endOf({ id, outcome, ending }: Pick<Watch, 'id' | 'ending'> & { readonly outcome: Outcome }): End {
  return { outcome, ending: ending ?? 'the guard says no more', record: id };
}
