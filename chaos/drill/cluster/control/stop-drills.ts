import type { Service } from '../../../../service/definition/index.ts';
import type { Clock } from '../../clock.ts';
import { putBack, type FaultContext } from '../faults/index.ts';
import { dismissed, moved, openFaults, type Journal, type JournalStore } from '../journal/index.ts';
import type { Place } from '../place.ts';

/** With what the kill switch is pulled. */
export type StopOptions = {
  readonly place: Place;
  readonly store: JournalStore;
  readonly service: Service;
  readonly clock: Clock;
  /** Name of the person, as the journal has it. */
  readonly by: string;
  /** Told what is done. */
  readonly onLine: (line: string) => void;
};

/** How long the keeper has to begin, and to end. */
const KEEPER_BEGINS_WITHIN_MS = 8_000;
const KEEPER_ENDS_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 500;

/**
 * Pulls the kill switch: the keeper takes every fault back at once and begins none. Where it does nothing, everything is
 * put back from here, by the rights of whoever asks. Rejects when a fault cannot be put back; it then says which.
 */
export async function stopDrills(options: StopOptions): Promise<void> {
  const { store, clock, by, onLine } = options;
  const journal = await store.change((before) => ({ ...before, stopped: { at: clock.now(), by } }));
  const open = openFaults(journal);
  if (open.length === 0) {
    onLine(
      journal.runner
        ? `${journal.runner.by} is told to end; there is no fault`
        : 'nobody drills, and there is no fault',
    );
    return;
  }
  for (const { id, touched } of open) onLine(`taking back ${id}: ${touched.join('; ')}`);
  if (await keeperDoes(options)) {
    onLine('every fault is taken back');
    return;
  }
  onLine('the keeper does not: everything is put back from here');
  await putBackAll(options, (await store.read()).journal);
  onLine('every fault is put back');
}

/** Whether the keeper takes everything back in time. */
async function keeperDoes({ store, clock }: StopOptions): Promise<boolean> {
  const startedAt = clock.now();
  for (;;) {
    const open = openFaults((await store.read()).journal);
    if (open.length === 0) return true;
    const waited = clock.now() - startedAt;
    const hasBegun = open.some(({ state }) => state === 'reverting');
    if (waited > (hasBegun ? KEEPER_ENDS_WITHIN_MS : KEEPER_BEGINS_WITHIN_MS)) return false;
    await clock.wait(LOOK_EVERY_MS);
  }
}

async function putBackAll({ place, service, clock, store }: StopOptions, journal: Journal): Promise<void> {
  // Its proxies are not spoken to from here: they go with what they do.
  const proxies = { set: () => Promise.resolve(), clear: () => Promise.resolve() };
  const context: FaultContext = { place, service, clock, proxies };
  const problems: string[] = [];
  for (const { id, undo } of openFaults(journal)) {
    const before = problems.length;
    for (const each of undo)
      await putBack(context, each).catch((error: unknown) => problems.push(`${id}: ${(error as Error).message}`));
    if (problems.length > before) continue;
    const over = { state: 'over', revertedAt: clock.now(), why: 'put back by hand' } as const;
    await store.change((now) => moved(now, id, ['injecting', 'injected', 'reverting'], over));
  }
  if (journal.runner) {
    const { id } = journal.runner;
    await store.change((now) => dismissed(now, id));
  }
  if (problems.length > 0) throw new Error(`not everything could be put back: ${problems.join('; ')}`);
}
