import type { Link } from '../experiment.ts';
import type { TimelineEntry } from '../report/run.ts';
import { isMatch } from '../../service/telemetry/matcher.ts';
import type { OnEvent } from './events.ts';
import { titleOf } from './names.ts';
import type { FiringAlert } from './stand.ts';
import type { Seen } from './watch.ts';

/** A link of the chain and what became of it. */
export type TrackedLink = {
  readonly link: Link;
  /** Absent: its time has not begun to count. */
  readonly entry?: TimelineEntry;
  /** Until when it was looked for. */
  readonly until?: number;
};

/** The links of a chain, while they are waited for. */
export type Links = {
  /** The time of the links from an event counts from here on; again, when the event turns out to have been later. */
  begin(from: Link['from'], at: number): void;
  /** Nobody waits for the links from an event any more. */
  end(from: Link['from'], at: number): void;
  see(seen: Seen): void;
  /** Tells of links whose time is over. */
  tick(now: number): void;
  haveHappened(from: Link['from']): boolean;
  /** By when the last link from an event must have happened; undefined: there is none. */
  lastDue(from: Link['from']): number | undefined;
  tracked(): readonly TrackedLink[];
};

/** What links are made of; those that cannot be seen are not among them. */
export type LinksOptions = {
  readonly links: readonly Link[];
  /** Milliseconds that a link has. */
  readonly within: (link: Link) => number;
  readonly emit: OnEvent;
};

type Waiting = {
  readonly link: Link;
  entry?: TimelineEntry;
  until?: number;
  missed: boolean;
};

/**
 * Follows links from when their time counts until nobody waits for them. What is an event (a breaker opens, an alert
 * fires) happens once; what is a state (a breaker is closed, the steady state holds) must hold from some moment on to
 * the end: lost again, it has not happened.
 */
export function createLinks({ links, within, emit }: LinksOptions): Links {
  const waiting = links.map((link): Waiting => ({ link, missed: false }));
  let podsBefore = 0;

  const ofEvent = (from: Link['from']): readonly Waiting[] => waiting.filter(({ link }) => link.from === from);
  const happen = (each: Waiting, entry: TimelineEntry, at: number): void => {
    each.entry = { ...entry, at: Math.max(at, entry.from) };
    emit({ kind: 'happened', at, entry: each.entry });
  };
  const lose = (each: Waiting, { at: _, ...entry }: TimelineEntry, now: number): void => {
    each.entry = entry;
    emit({ kind: 'undone', at: now, entry });
  };

  return {
    begin(from, at) {
      for (const each of ofEvent(from)) {
        const { link, entry } = each;
        const { id } = link;
        const seen = isState(link) ? undefined : entry?.at;
        each.entry = { id, title: titleOf(link), from: at, due: at + within(link) };
        if (seen !== undefined) each.entry = { ...each.entry, at: Math.max(seen, at) };
      }
      emit({ kind: 'awaited', at, entries: ofEvent(from).flatMap(({ entry }) => entry ?? []) });
    },
    end(from, at) {
      for (const each of ofEvent(from)) each.until ??= at;
    },
    see(seen) {
      if (seen.kind === 'pods-ready' && waiting.every(({ entry }) => !entry)) podsBefore = seen.look.value.ready;
      for (const each of waiting) {
        const { link, entry, until } = each;
        // A look that began before the link counts shows what was then.
        if (!entry || until !== undefined || seen.look.askedAt < entry.from) continue;
        const at = holdsSince(link, seen, podsBefore);
        if (at === undefined) continue;
        if (at === false && entry.at !== undefined && isState(link)) lose(each, entry, seen.look.at);
        if (at !== false && entry.at === undefined) happen(each, entry, at);
      }
    },
    tick(now) {
      for (const each of waiting) {
        const { entry, until, missed } = each;
        if (!entry || missed || until !== undefined || entry.at !== undefined || now <= entry.due) continue;
        each.missed = true;
        emit({ kind: 'missed', at: now, entry });
      }
    },
    haveHappened: (from) => ofEvent(from).every(({ entry }) => entry?.at !== undefined),
    lastDue: (from) =>
      ofEvent(from).reduce<number | undefined>((last, { entry }) => later(last, entry?.due), undefined),
    tracked: () => waiting,
  };
}

/** Whether a link is about something that lasts. */
function isState({ expect }: Link): boolean {
  switch (expect.kind) {
    case 'breaker':
      return expect.state === 'closed';
    case 'alert':
      return expect.state === 'resolved';
    case 'pods-ready':
    case 'steady':
      return true;
    case 'guard':
    case 'counted':
      return false;
  }
}

/** Since when what was seen is as a link expects; false: it is not so; undefined: it says nothing about it. */
function holdsSince({ id, expect }: Link, seen: Seen, podsBefore: number): number | false | undefined {
  const now = seen.look.at;
  if (expect.kind === 'breaker' && seen.kind === 'breaker') {
    const isOpen = (seen.look.value[expect.breaker] ?? 0) > 0;
    return isOpen === (expect.state === 'open') && now;
  }
  if (expect.kind === 'alert' && seen.kind === 'alert') {
    const firing = seen.look.value.filter((each) => isMeant(each, expect));
    if (expect.state === 'resolved') return firing.length === 0 && now;
    return firing.length > 0 && Math.min(now, ...firing.map(({ since }) => since));
  }
  if (expect.kind === 'guard' && seen.kind === 'guard') {
    const ending = seen.look.value;
    return ending?.outcome === expect.outcome && Math.min(now, ending.endedAt);
  }
  if (expect.kind === 'pods-ready' && seen.kind === 'pods-ready') return seen.look.value.ready >= podsBefore && now;
  if (expect.kind === 'steady' && seen.kind === 'steady') return seen.look.value.length === 0 && now;
  if (expect.kind === 'counted' && seen.kind === 'counted' && seen.link === id) {
    return seen.look.value >= expect.atLeast && now;
  }
  return undefined;
}

function isMeant({ alert, labels }: FiringAlert, expect: Extract<Link['expect'], { kind: 'alert' }>): boolean {
  if (alert !== expect.alert) return false;
  return Object.entries(expect.labels ?? {}).every(([label, matcher]) => isMatch(matcher, labels[label] ?? ''));
}

function later(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}
