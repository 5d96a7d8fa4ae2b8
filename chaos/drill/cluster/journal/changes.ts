import { failedWish, type Done, type Journal, type Wish } from './journal.ts';

/** A journal in which what is done by a wish has begun; the same where it is not wanted any more. */
export function begun(
  journal: Journal,
  { id, experiment }: Wish,
  fields: Pick<Done, 'undo' | 'touched' | 'until'>,
): Journal {
  const isWanted = journal.wanted.some((wish) => wish.id === id);
  if (!isWanted || journal.stopped || findDone(journal, id)) return journal;
  return { ...journal, done: [...journal.done, { id, experiment, state: 'injecting', ...fields }] };
}

/** A journal in which a wish could not be fulfilled, and nothing was touched. */
export function failed(journal: Journal, { id, experiment }: Wish, reason: string): Journal {
  if (findDone(journal, id)) return journal;
  return { ...journal, done: [...journal.done, failedWish(id, reason, experiment)] };
}

/** A journal in which what was done by a wish has other fields, if it still is in one of some states. */
export function moved(
  journal: Journal,
  id: string,
  from: readonly Done['state'][],
  fields: Partial<Omit<Done, 'id' | 'experiment' | 'undo'>>,
): Journal {
  const found = findDone(journal, id);
  if (!found || !from.includes(found.state)) return journal;
  return { ...journal, done: journal.done.map((each) => (each === found ? { ...each, ...fields } : each)) };
}

/** A journal without what is over and wanted no more. */
export function forgotten(journal: Journal, id: string): Journal {
  const isWanted = journal.wanted.some((wish) => wish.id === id);
  if (isWanted || findDone(journal, id)?.state !== 'over') return journal;
  return { ...journal, done: journal.done.filter((done) => done.id !== id) };
}

/** A journal without a runner that has gone; what it ran counts as aborted. */
export function dismissed(journal: Journal, runner: string): Journal {
  if (journal.runner?.id !== runner) return journal;
  const { runner: gone, ...rest } = journal;
  const aborted = journal.runs.aborted + (gone.experiment === undefined ? 0 : 1);
  return { ...rest, wanted: [], runs: { ...journal.runs, aborted } };
}

/** What was done by a wish. */
export function findDone({ done }: Journal, id: string): Done | undefined {
  return done.find((each) => each.id === id);
}

/** What is not over yet. */
export function openFaults({ done }: Journal): readonly Done[] {
  return done.filter(({ state }) => state !== 'over');
}
