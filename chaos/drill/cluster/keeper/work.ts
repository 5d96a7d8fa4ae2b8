import { planOf, putBack, type FaultContext } from '../faults/index.ts';
import { begun, failed, findDone, moved, type JournalStore, type Wish } from '../journal/index.ts';
import { kindOf } from '../faults/index.ts';

/** What a keeper works with. */
export type WorkContext = { readonly faults: FaultContext; readonly store: JournalStore };

/**
 * Injects a fault. How it is put back is written down before anything is changed; whatever fails after that leaves the
 * fault to be taken back. Rejects only where the journal cannot be written.
 */
export async function inject({ faults, store }: WorkContext, wish: Wish, signal: AbortSignal): Promise<void> {
  const { id, fault, ttl } = wish;
  const { now } = faults.clock;
  let plan;
  try {
    plan = await planOf(faults, { id, fault, ttl });
  } catch (error) {
    await store.change((journal) => failed(journal, wish, messageOf(error)));
    return;
  }
  const { undo, apply } = plan;
  const fields = { undo, until: now() + ttl, touched: kindOf(fault).touches(fault, faults.service) };
  const journal = await store.change((before) => begun(before, wish, fields));
  if (findDone(journal, id)?.state !== 'injecting') return;
  try {
    await apply(signal);
    signal.throwIfAborted();
  } catch (error) {
    const why = messageOf(error);
    await store.change((before) => moved(before, id, ['injecting'], { state: 'reverting', failed: why, why }));
    return;
  }
  // The fault has its whole time from here on: a drain alone takes minutes to be made.
  const injectedAt = now();
  const there = { state: 'injected', injectedAt, until: injectedAt + ttl } as const;
  await store.change((before) => moved(before, id, ['injecting'], there));
}

/**
 * Takes a fault back: every change that it was made of, also where one of them cannot be put back. Rejects with the
 * first that could not; whoever asks again does the rest.
 */
export async function takeBack({ faults, store }: WorkContext, id: string, why: string): Promise<void> {
  const journal = await store.change((before) =>
    moved(before, id, ['injecting', 'injected'], {
      state: 'reverting',
      why,
      ...(findDone(before, id)?.state === 'injecting' && { failed: why }),
    }),
  );
  const done = findDone(journal, id);
  if (done?.state !== 'reverting') return;
  const problems: Error[] = [];
  for (const undo of done.undo) await putBack(faults, undo).catch((error: unknown) => problems.push(error as Error));
  const [first] = problems;
  if (first !== undefined) throw first;
  await store.change((before) => moved(before, id, ['reverting'], { state: 'over', revertedAt: faults.clock.now() }));
}

function messageOf(error: unknown): string {
  return (error as Error).message.slice(0, 900);
}
