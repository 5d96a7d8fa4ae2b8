import type { Log } from '../../../../service/telemetry/log.ts';
import { waitUntil } from '../faults/wait-until.ts';
import { dismissed, forgotten, openFaults, type Journal } from '../journal/index.ts';
import type { Lease } from '../kubernetes.ts';
import { due, type Act } from './due.ts';
import type { KeeperMetrics } from './metrics.ts';
import type { Pulse } from './pulse.ts';
import { takeBackOrphans } from './orphans.ts';
import { inject, takeBack, type WorkContext } from './work.ts';

/** What a keeper is made of. */
export type KeeperOptions = WorkContext & {
  readonly lease: Pick<Lease, 'leads'>;
  readonly pulse: Pulse;
  readonly metrics: KeeperMetrics;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  /** Has the next turn begin now. */
  readonly wake: () => void;
};

/** Makes what the journal wishes and takes back what it wishes no more. */
export type Keeper = {
  /** One look and what follows from it; gives the milliseconds until the next. Never rejects. */
  readonly turn: () => Promise<number>;
  /** Whether the last look was answered. */
  readonly isReady: () => boolean;
  /** Pulls the kill switch; resolves once no fault is there any more, and rejects when that takes too long. */
  readonly stop: (by: string) => Promise<void>;
  /** Takes back what there is, and begins nothing any more: nobody knows whether another keeper comes. */
  readonly leave: () => Promise<void>;
};

const PAUSE_MS = { drilled: 400, idle: 1_500, trouble: 1_000 } as const;
const STOPPED_WITHIN_MS = 120_000;
/** How often what no journal knows of is looked for, where nobody drills. */
const ORPHANS_EVERY_MS = 30_000;
const ORPHANS = 'orphans';

type Task = { readonly controller: AbortController; readonly done: Promise<void> };

/** A keeper of one namespace. */
export function createKeeper(options: KeeperOptions): Keeper {
  const { faults, store, lease, pulse, metrics, log, wake } = options;
  const { clock } = faults;
  const tasks = new Map<string, Task>();
  let isReady = false;
  let isLeaving = false;
  let told = '';
  let lookedForOrphansAt = -Infinity;

  /** What fails is tried again in the next turn: what is to be done follows from the journal alone. */
  function begin(id: string, what: string, work: (signal: AbortSignal) => Promise<void>): void {
    const controller = new AbortController();
    log.info({ id }, what);
    const done = work(controller.signal)
      .catch((error: unknown) => complain(what, error))
      .finally(() => {
        tasks.delete(id);
        wake();
      });
    tasks.set(id, { controller, done });
  }

  function complain(what: string, error: unknown): void {
    const text = `${what}: ${(error as Error).message}`;
    if (text !== told) log.error({ err: error }, what);
    told = text;
  }

  const perform: { readonly [Kind in Act['kind']]: (act: Extract<Act, { readonly kind: Kind }>) => unknown } = {
    inject: ({ wish }) => begin(wish.id, 'injecting a fault', (signal) => inject(options, wish, signal)),
    'break-off': ({ id, why }) => tasks.get(id)?.controller.abort(new Error(why)),
    'take-back': ({ id, why }) => begin(id, `taking a fault back: ${why}`, () => takeBack(options, id, why)),
    forget: ({ id }) => store.change((journal) => forgotten(journal, id)),
    dismiss: ({ runner }) => store.change((journal) => dismissed(journal, runner)),
  };

  function lookForOrphans(): void {
    if (clock.now() - lookedForOrphansAt < ORPHANS_EVERY_MS) return;
    lookedForOrphansAt = clock.now();
    const work = takeBackOrphans(faults).then((found) => {
      if (found.length > 0) log.warn({ found }, 'faults that no journal knows of were taken back');
    });
    const done = work.catch((error: unknown) => complain('looking for faults that no journal knows of', error));
    tasks.set(ORPHANS, { controller: new AbortController(), done: done.finally(() => tasks.delete(ORPHANS)) });
  }

  async function look(): Promise<Journal> {
    const { journal, unusable } = await store.read();
    for (const { id, problem } of unusable)
      complain(`the wish ${id ?? 'without an id'} is refused`, new Error(problem));
    // Written down, so that whoever wished it learns of it.
    return unusable.length === 0 ? journal : store.change((before) => before);
  }

  async function act(): Promise<number> {
    // From before the look: of what ends meanwhile, the journal that is read may not tell yet.
    const working = new Set(tasks.keys());
    const journal = await look();
    isReady = true;
    metrics.show(journal, clock.now());
    const runner = pulse.feel(journal.runner);
    if (!lease.leads()) {
      for (const { controller } of tasks.values()) controller.abort(new Error('another keeper leads'));
      return PAUSE_MS.trouble;
    }
    const sight = { now: clock.now(), runner, working };
    // What begins while orphans are looked for would be taken for one.
    const acts = due(journal, sight).filter(({ kind }) => kind !== 'inject' || !(isLeaving || tasks.has(ORPHANS)));
    for (const each of acts) await (perform[each.kind] as (act: Act) => unknown)(each);
    if (!journal.runner && journal.done.length === 0 && tasks.size === 0 && !isLeaving) lookForOrphans();
    return journal.runner || tasks.size > 0 ? PAUSE_MS.drilled : PAUSE_MS.idle;
  }

  /** Resolves when the journal has no fault that is not over. */
  async function untilNone(): Promise<void> {
    await waitUntil(async () => (openFaults((await store.read()).journal).length === 0 ? true : undefined), {
      clock,
      what: 'every fault is taken back',
      within: STOPPED_WITHIN_MS,
    });
  }

  return {
    isReady: () => isReady,
    async turn() {
      try {
        return await act();
      } catch (error) {
        isReady = false;
        complain('the journal cannot be followed', error);
        return PAUSE_MS.trouble;
      }
    },
    async stop(by) {
      await store.change((journal) => ({ ...journal, stopped: { at: clock.now(), by } }));
      log.warn({ by }, 'the kill switch was pulled');
      wake();
      await untilNone();
    },
    async leave() {
      isLeaving = true;
      for (const { controller } of tasks.values()) controller.abort(new Error('the keeper is going'));
      await Promise.all([...tasks.values()].map(({ done }) => done));
      if (!lease.leads()) return;
      for (const { id } of openFaults((await store.read()).journal)) await takeBack(options, id, 'the keeper is going');
    },
  };
}
