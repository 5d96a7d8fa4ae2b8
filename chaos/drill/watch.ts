import type { AlertId } from '../../alerts/index.ts';
import type { Link } from '../experiment.ts';
import { isTelling } from '../telling.ts';
import type { Clock } from './clock.ts';
import { LOOK_EVERY_MS } from './deadlines.ts';
import { countedSeries, createGrowth } from './growth.ts';
import { createPolling, type Look } from './polling.ts';
import type { FiringAlert, GuardEnding, Stand } from './stand.ts';

/** What is looked at, by the kind of expectation that it answers. */
export type Seen =
  | { readonly kind: 'breaker'; readonly look: Look<Readonly<Record<string, number>>> }
  | { readonly kind: 'alert'; readonly look: Look<readonly FiringAlert[]> }
  | { readonly kind: 'guard'; readonly look: Look<GuardEnding | undefined> }
  | { readonly kind: 'pods-ready'; readonly look: Look<{ readonly ready: number; readonly wanted: number }> }
  /** What is red of the steady state. */
  | { readonly kind: 'steady'; readonly look: Look<readonly string[]> }
  /** By how much the metric of one link has grown since the fault began. */
  | { readonly kind: 'counted'; readonly link: string; readonly look: Look<number> };

/** What is watched, and who is told. */
export type WatchOptions = {
  readonly stand: Stand;
  readonly clock: Clock;
  readonly links: readonly Link[];
  /** Whether requests that reach the upstream are counted. */
  readonly countsFetches: boolean;
  /** Whether the guard is looked at even where no link is about it. */
  readonly needsGuard: boolean;
  /** Looks at the steady state. */
  readonly findRed: () => Promise<readonly string[]>;
  readonly onSeen: (seen: Seen) => void;
  readonly onTrouble: (what: string) => void;
};

/** Watches a stand until it is stopped. */
export type Watch = {
  /** The fault begins: from here on the guard, the growth of metrics and alerts that must be silent count. */
  beginFault(at: number): void;
  /** The fault is over: from here on the steady state is looked at, which takes more questions than everything else. */
  beginAfter(): void;
  /** Breakers that are open and alerts that fire now; undefined: cannot be seen. */
  openBreakers(): readonly string[] | undefined;
  firing(): readonly string[] | undefined;
  /** When each alert was first seen to fire since the fault began. */
  readonly fired: ReadonlyMap<AlertId, number>;
  /** Every outcome of a release that the guard came to since then. */
  readonly endings: ReadonlySet<string>;
  /** How often alerts, and the guard, were seen since then. */
  looks(kind: 'alert' | 'guard'): number;
  /** Requests that had reached the upstream. */
  readonly fetches: readonly Look<number>[];
  /** When anything was last answered, or first asked; undefined: nothing is asked all the time. */
  answeredAt(): number | undefined;
  stop(): Promise<void>;
};

/** Looks at each thing as often as it changes. */
export function startWatch(options: WatchOptions): Watch {
  const { stand, clock, links, countsFetches, needsGuard, findRed, onSeen, onTrouble } = options;
  const polling = createPolling(clock, onTrouble);
  const fired = new Map<AlertId, number>();
  const endings = new Set<string>();
  const looks = { alert: 0, guard: 0 };
  const fetches: Look<number>[] = [];
  const rebases: (() => void)[] = [];
  let openBreakers: readonly string[] | undefined;
  let firing: readonly string[] | undefined;
  let faultAt: number | undefined;
  let isAfter = false;

  const isSeen = (kind: Parameters<Stand['blindTo']>[0]): boolean => stand.blindTo(kind) === undefined;
  const isAwaited = (kind: Link['expect']['kind']): boolean => links.some(({ expect }) => expect.kind === kind);

  if (isSeen('breaker')) {
    polling.add({
      what: 'breakers',
      every: LOOK_EVERY_MS.breaker,
      ask: () => stand.breakers(),
      take(look) {
        openBreakers = Object.keys(look.value).filter((name) => (look.value[name] ?? 0) > 0);
        onSeen({ kind: 'breaker', look });
      },
      forget: () => (openBreakers = undefined),
    });
  }
  if (isSeen('alert')) {
    polling.add({
      what: 'alerts',
      every: LOOK_EVERY_MS.alert,
      ask: () => stand.alerts(),
      take(look) {
        firing = look.value.filter((alert) => isTelling(alert.alert, stand.service)).map(({ alert }) => alert);
        if (faultAt !== undefined && look.askedAt >= faultAt) {
          looks.alert++;
          for (const { alert, since } of look.value) {
            if (!fired.has(alert)) fired.set(alert, since >= faultAt && since <= look.at ? since : look.at);
          }
        }
        onSeen({ kind: 'alert', look });
      },
      forget: () => (firing = undefined),
    });
  }
  if (isSeen('pods-ready') && isAwaited('pods-ready')) {
    polling.add({
      what: 'pods',
      every: LOOK_EVERY_MS['pods-ready'],
      ask: () => stand.pods(),
      take: (look) => onSeen({ kind: 'pods-ready', look }),
    });
  }
  if (isSeen('guard') && (needsGuard || isAwaited('guard'))) {
    polling.add({
      what: 'the guard',
      every: LOOK_EVERY_MS.guard,
      isDue: () => faultAt !== undefined,
      ask: () => stand.guardEnding(faultAt ?? Infinity),
      take(look) {
        looks.guard++;
        if (look.value) endings.add(look.value.outcome);
        onSeen({ kind: 'guard', look });
      },
    });
  }
  if (isSeen('fetches') && countsFetches) {
    polling.add({
      what: 'requests to the upstream',
      every: LOOK_EVERY_MS.fetches,
      ask: () => stand.upstreamRequests(),
      take: (look) => void fetches.push(look),
    });
  }
  for (const { id, expect } of isSeen('query') ? links : []) {
    if (expect.kind !== 'counted') continue;
    const growth = createGrowth();
    let before = 0;
    rebases.push(() => (before = growth.total()));
    polling.add({
      what: expect.metric,
      every: LOOK_EVERY_MS.counted,
      ask: () => stand.query(countedSeries(expect.metric, expect.labels ?? {}, stand.service)),
      take({ value, ...times }) {
        growth.add(value);
        onSeen({ kind: 'counted', link: id, look: { ...times, value: growth.total() - before } });
      },
    });
  }
  polling.add({
    what: 'steady state',
    every: LOOK_EVERY_MS.steady,
    isDue: () => isAfter,
    ask: findRed,
    take: (look) => onSeen({ kind: 'steady', look }),
  });

  return {
    beginFault(at) {
      faultAt = at;
      for (const rebase of rebases) rebase();
    },
    beginAfter: () => void (isAfter = true),
    openBreakers: () => openBreakers,
    firing: () => firing,
    fired,
    endings,
    looks: (kind) => looks[kind],
    fetches,
    answeredAt: polling.answeredAt,
    stop: polling.stop,
  };
}
