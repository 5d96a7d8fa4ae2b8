import type { Done, Journal, Wish } from '../journal/index.ts';

/** What a keeper knows beside the journal. */
export type Sight = {
  /** In milliseconds since 1970, by its own clock. */
  readonly now: number;
  /**
   * Whether the runner of the journal has given a sign of life lately. `unknown`: this keeper has begun to look so short
   * ago that it cannot tell.
   */
  readonly runner: 'alive' | 'gone' | 'unknown';
  /** Ids of what this keeper is working on now. */
  readonly working: ReadonlySet<string>;
};

/** One thing to be done. */
export type Act =
  | { readonly kind: 'inject'; readonly wish: Wish }
  /** Breaks off what is being injected. */
  | { readonly kind: 'break-off'; readonly id: string; readonly why: string }
  | { readonly kind: 'take-back'; readonly id: string; readonly why: string }
  /** What is over and wanted no more is taken out of the journal. */
  | { readonly kind: 'forget'; readonly id: string }
  /** A runner that has gone leaves its place, and its wishes with it. */
  | { readonly kind: 'dismiss'; readonly runner: string };

/** What there is to do: the difference between what is wanted and what was done. Faults are taken back first. */
export function due(journal: Journal, sight: Sight): readonly Act[] {
  const { runner } = journal;
  return [
    ...journal.done.flatMap((done) => dueFor(done, journal, sight)),
    ...(runner && sight.runner === 'gone' ? [{ kind: 'dismiss', runner: runner.id } as const] : []),
    ...journal.wanted.filter((wish) => isDue(wish, journal, sight)).map((wish) => ({ kind: 'inject', wish }) as const),
  ];
}

function dueFor(done: Done, journal: Journal, sight: Sight): readonly Act[] {
  const { id, state } = done;
  if (state === 'over') return isOfUse(done, journal) ? [] : [{ kind: 'forget', id }];
  const isWorking = sight.working.has(id);
  const why = whyOver(done, journal, sight);
  if (state === 'injecting' && isWorking) return why === undefined ? [] : [{ kind: 'break-off', id, why }];
  if (isWorking) return [];
  if (state === 'injecting') return [{ kind: 'take-back', id, why: why ?? 'the keeper was restarted half-way' }];
  if (state === 'reverting') return [{ kind: 'take-back', id, why: done.why ?? why ?? 'it was being taken back' }];
  return why === undefined ? [] : [{ kind: 'take-back', id, why }];
}

/** Whoever wished it may not have read yet how it ended; a wish that nobody could read stands there no more. */
function isOfUse({ id, failed }: Done, { wanted, runner }: Journal): boolean {
  return wanted.some((wish) => wish.id === id) || (failed !== undefined && runner !== undefined);
}

/** Why a fault is to be there no longer; undefined: it is wanted. */
function whyOver({ id, until }: Done, { wanted, runner, stopped }: Journal, sight: Sight): string | undefined {
  if (stopped) return `stopped by ${stopped.by}`;
  if (!wanted.some((wish) => wish.id === id)) return 'it is wanted no more';
  if (sight.now >= until) return 'its deadline is over';
  if (!runner) return 'nobody drills any more';
  return sight.runner === 'gone' ? `${runner.by} gives no sign of life` : undefined;
}

/** Only for a runner that was seen to live: a wish may have stood there since before this keeper began. */
function isDue({ id }: Wish, { done, runner, stopped }: Journal, sight: Sight): boolean {
  if (stopped || !runner || sight.runner !== 'alive') return false;
  // One at a time: two faults at once show nothing about either.
  return done.every((each) => each.state === 'over' && each.id !== id) && !sight.working.has(id);
}
