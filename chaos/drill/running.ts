import { hasAlert } from './deadlines.ts';
import type { Drill } from './drill.ts';
import type { Figures } from './evidence/course.ts';
import { nothingIsSeen, tooMuchFails } from './give-up.ts';
import { createLinks, type Links } from './links.ts';
import { startLoad, type Load } from './load/load.ts';
import { figuresAt } from './load/tally.ts';
import { chainOf } from './names.ts';
import { startWatch, type Watch } from './watch.ts';

/** Everything that goes on while the phases of a drill follow each other. */
export type Running = {
  readonly load: Load;
  readonly links: Links;
  readonly watch: Watch;
  readonly figures: readonly Figures[];
  /** Why links cannot be seen here, by their ids. */
  readonly blind: ReadonlyMap<string, string>;
  /** Whether too many failures break the drill off: only while there is a fault to take back. */
  setFault(isThere: boolean): void;
  /** Ends all of it; what is under way is waited for. */
  stop(): Promise<void>;
};

const SUPERVISE_MS = 250;
const FIGURES_MS = 1_000;

/** Starts the load and the watch over everything, and what breaks the drill off when either goes wrong. */
export function startRunning(drill: Drill): Running {
  const { experiment, stand, timing, clock, transport, seed, emit, breakOff } = drill;
  const { service, credentials } = stand;
  const blind = blindLinks(drill);
  const seen = chainOf(experiment).filter(({ id }) => !blind.has(id));
  const links = createLinks({ links: seen, within: timing.within, emit });
  const watch = startWatch({
    stand,
    clock,
    links: seen,
    countsFetches: experiment.bounds.some(({ kind }) => kind === 'amplification' || kind === 'fetches'),
    needsGuard: experiment.guardIdle,
    findRed: drill.findRed,
    onSeen: links.see,
    onTrouble: (what) => emit({ kind: 'trouble', at: clock.now(), what }),
  });
  const load = startLoad({ service, load: experiment.load, seed, credentials, transport, clock });
  const figures: Figures[] = [];
  const stopping = new AbortController();
  let isFault = false;

  const every = async (milliseconds: number, act: (now: number) => void): Promise<void> => {
    const from = clock.now();
    for (let n = 1; !stopping.signal.aborted; n++) {
      await clock.wait(Math.max(0, from + n * milliseconds - clock.now()), stopping.signal);
      act(clock.now());
    }
  };
  const loops = [
    every(SUPERVISE_MS, (now) => {
      links.tick(now);
      const why =
        nothingIsSeen(watch.answeredAt(), now) ?? (isFault ? tooMuchFails(experiment, load.requests, now) : undefined);
      if (why !== undefined) breakOff.because(why);
    }),
    every(FIGURES_MS, (at) => {
      const lanes = figuresAt(load.requests, at);
      const [openBreakers, firing] = [watch.openBreakers(), watch.firing()];
      figures.push({ at, lanes, openBreakers, firing });
      emit({ kind: 'figures', at, lanes, openBreakers, firing });
    }),
  ];

  return {
    load,
    links,
    watch,
    figures,
    blind,
    setFault: (isThere) => void (isFault = isThere),
    async stop() {
      await load.stop();
      stopping.abort();
      await Promise.all([...loops, watch.stop()]);
    },
  };
}

/** Links that cannot be seen in an environment or on a stand, and why. */
function blindLinks({ experiment, stand }: Drill): ReadonlyMap<string, string> {
  const { service } = stand;
  const found = chainOf(experiment).flatMap(({ id, expect }) => {
    if (expect.kind === 'steady') return [];
    if (expect.kind === 'alert' && !hasAlert(expect.alert, service)) {
      return [[id, `${service.environment} has no alert ${expect.alert}`] as const];
    }
    const reason = stand.blindTo(expect.kind === 'counted' ? 'query' : expect.kind);
    return reason === undefined ? [] : [[id, reason] as const];
  });
  return new Map(found);
}
