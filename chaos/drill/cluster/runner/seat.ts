import { randomBytes } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { GONE_AFTER_MS } from '../keeper/pulse.ts';
import { findDone, openFaults, type Journal, type JournalStore, type RESULTS, type Wish } from '../journal/index.ts';

/** How a runner takes its seat. */
export type SeatOptions = {
  readonly store: JournalStore;
  readonly clock: Clock;
  /** Its pod, or its person. */
  readonly by: string;
  /** Told of each sign of life that could not be given. */
  readonly onError: (error: unknown) => void;
};

/** The place of the one who drills, as long as it is held. */
export type Seat = {
  readonly id: string;
  /** Aborted, with the reason, when the seat is lost: somebody pulled the kill switch, or the keeper took it for gone. */
  readonly lost: AbortSignal;
  /** Says what is run now. */
  readonly enter: (experiment: string) => Promise<void>;
  /** Counts how a run ended. */
  readonly count: (result: (typeof RESULTS)[number]) => Promise<void>;
  /** Notes that a drill ended as it should. */
  readonly succeeded: () => Promise<void>;
  /** Changes what is wanted. Throws where the seat is lost. */
  readonly want: (wishes: readonly Wish[]) => Promise<Journal>;
  /** Leaves it, and every wish with it. */
  readonly leave: () => Promise<void>;
};

/** Somebody else drills, so that nothing was begun. */
export class SeatTakenError extends Error {
  override readonly name = 'SeatTakenError';
}

const BEAT_EVERY_MS = 4_000;
/** Enough for a runner that lives to give a sign of it. */
const LOOK_AGAIN_MS = 2 * BEAT_EVERY_MS;

/**
 * Takes the seat in the journal. Throws a SeatTakenError where somebody has it who lives, or a fault is still being taken
 * back. A kill switch that was pulled before is over with it.
 */
export async function takeSeat({ store, clock, by, onError }: SeatOptions): Promise<Seat> {
  const id = `drill-${randomBytes(5).toString('hex')}`;
  await untilFree(store, clock);
  const taken = await store.change(({ stopped: _, ...journal }) =>
    journal.runner ? journal : { ...journal, runner: { id, by, beat: 0 }, wanted: [] },
  );
  if (taken.runner?.id !== id) throw takenBy(taken);
  const losing = new AbortController();
  const leaving = new AbortController();

  /** Changes what is one's own; the seat is lost where it is somebody else's by now. */
  const change = async (next: (journal: Journal) => Journal): Promise<Journal> => {
    const journal = await store.change((before) =>
      before.runner?.id === id && !before.stopped ? next(before) : before,
    );
    const why = whyLost(journal, id);
    if (why !== undefined && !losing.signal.aborted) losing.abort(new Error(why));
    return journal;
  };
  const beat = (journal: Journal): Journal =>
    journal.runner ? { ...journal, runner: { ...journal.runner, beat: journal.runner.beat + 1 } } : journal;
  const beating = (async () => {
    let answeredAt = clock.now();
    for (;;) {
      await clock.wait(BEAT_EVERY_MS, leaving.signal);
      if (leaving.signal.aborted || losing.signal.aborted) return;
      try {
        await change(beat);
        answeredAt = clock.now();
      } catch (error) {
        onError(error);
        // By now the keeper takes this runner for gone.
        if (clock.now() - answeredAt >= GONE_AFTER_MS)
          losing.abort(new Error('the journal could not be written for 30 s: the keeper takes the fault back'));
      }
    }
  })();
  return {
    id,
    lost: losing.signal,
    async enter(experiment) {
      await change((journal) => ({
        ...journal,
        runner: { id, by, beat: (journal.runner?.beat ?? 0) + 1, experiment },
      }));
    },
    async count(result) {
      await store.change((journal) => ({ ...journal, runs: { ...journal.runs, [result]: journal.runs[result] + 1 } }));
    },
    async succeeded() {
      await store.change((journal) => ({ ...journal, lastSuccess: clock.now() }));
    },
    async want(wishes) {
      const journal = await change((before) => beat({ ...before, wanted: wishes }));
      if (wishes.length > 0) losing.signal.throwIfAborted();
      return journal;
    },
    async leave() {
      leaving.abort();
      await beating;
      await store.change(({ runner, ...journal }) =>
        runner?.id === id ? { ...journal, wanted: [] } : { ...journal, ...(runner && { runner }) },
      );
    },
  };
}

/** A runner that lives gives a sign of it while it is looked at; one that does not, the keeper dismisses. */
async function untilFree(store: JournalStore, clock: Clock): Promise<void> {
  const deadline = clock.now() + GONE_AFTER_MS + LOOK_AGAIN_MS;
  let first: Journal['runner'];
  for (;;) {
    const { journal } = await store.read();
    const { runner } = journal;
    if (!runner) return;
    first ??= runner;
    const isAlive = runner.id !== first.id || runner.beat !== first.beat;
    if (isAlive || clock.now() >= deadline) throw takenBy(journal);
    await clock.wait(1_000);
  }
}

function takenBy({ runner }: Journal): SeatTakenError {
  const experiment = runner?.experiment === undefined ? 'a drill' : `the experiment ${runner.experiment}`;
  return new SeatTakenError(
    `${runner?.by ?? 'somebody'} runs ${experiment} already; wait for its end, or stop it by: sluice drill stop`,
  );
}

function whyLost(journal: Journal, id: string): string | undefined {
  if (journal.stopped) return `the drill was stopped by ${journal.stopped.by}`;
  if (journal.runner?.id !== id) return 'the keeper took this drill for gone and has taken its fault back';
  const early = journal.wanted.map((wish) => findDone(journal, wish.id)).find((done) => done?.state === 'over');
  return early && early.failed === undefined
    ? `the fault was taken back early: ${early.why ?? 'nobody knows why'}`
    : undefined;
}

/** Faults that are there, a line each. */
export function faultsIn(journal: Journal): readonly string[] {
  return openFaults(journal).map(
    ({ id, experiment, state, touched }) => `${experiment} (${id}) is ${state}: ${touched.join('; ')}`,
  );
}
