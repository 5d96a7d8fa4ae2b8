import type { DrillEvent } from '../../../../chaos/drill/events.ts';
import type { TimelineEntry } from '../../../../chaos/report/index.ts';
import { lengthInWords, plain, sinceStart } from './words.ts';

/** How often figures are told, in milliseconds. */
const FIGURES_EVERY = 5_000;

/** Events as lines with the time since the start, for logs and pipes; gives a function that makes the lines of each. */
export function plainLines(startedAt: number): (event: DrillEvent) => readonly string[] {
  let figuresAt = Number.NEGATIVE_INFINITY;
  const awaited = new Set<string>();
  return (event) => {
    // All are told again whenever some are added.
    if (event.kind === 'awaited') {
      const entries = event.entries.filter(({ id }) => !awaited.has(id));
      for (const { id } of entries) awaited.add(id);
      return linesOf({ ...event, entries }, startedAt);
    }
    if (event.kind === 'figures') {
      if (event.at - figuresAt < FIGURES_EVERY) return [];
      figuresAt = event.at;
    }
    return linesOf(event, startedAt);
  };
}

function linesOf(event: DrillEvent, startedAt: number): readonly string[] {
  return textsOf(event).map((text) => `${sinceStart(event.at - startedAt)}  ${plain(text)}\n`);
}

function textsOf(event: DrillEvent): readonly string[] {
  switch (event.kind) {
    case 'step':
      // It comes with the last event, which says the same.
      if (event.step === 'verdict') return [];
      return [`${event.title}${event.until === undefined ? '' : `, at most ${lengthInWords(event.until - event.at)}`}`];
    case 'leftover':
      return [`left of an earlier drill, and taken back: ${event.leftover}`];
    case 'injected':
      return [
        `fault: ${event.title}; taken back by itself in ${lengthInWords(event.deadline - event.at)} at the latest`,
      ];
    case 'reverted':
      return ['the fault is taken back'];
    case 'awaited':
      return event.entries.map((entry) => `awaited within ${allowedOf(entry)}: ${entry.title}`);
    case 'happened': {
      const { at = event.at, from, due, title } = event.entry;
      return [
        `${title}: after ${lengthInWords(at - from)} of ${allowedOf(event.entry)}${at > due ? ', TOO LATE' : ''}`,
      ];
    }
    case 'missed':
      return [`NOT within ${allowedOf(event.entry)}: ${event.entry.title}`];
    case 'undone':
      return [`no longer so: ${event.entry.title}`];
    case 'figures': {
      const lanes = event.lanes.map(
        ({ lane, sent, failed, lost }) => `${lane} ${sent}/s, ${failed}/s failed, ${lost} lost`,
      );
      return lanes.length === 0 ? [] : [lanes.join('; ')];
    }
    case 'trouble':
      return [`tried again: ${event.what}`];
    case 'aborting':
      return [`giving up: ${event.reason}; the fault is taken back`];
    case 'asserted': {
      const { id, outcome, measured, allowed, reason } = event.assertion;
      if (outcome === 'skipped') return [`skipped: ${id}${reason === undefined ? '' : `: ${reason}`}`];
      return [`${outcome === 'held' ? 'held' : 'BROKE'}: ${id}: ${measured}, allowed ${allowed}`];
    }
    case 'ended':
      return [`${event.run.verdict.toUpperCase()}: ${event.run.reason}`];
  }
}

function allowedOf({ from, due }: TimelineEntry): string {
  return lengthInWords(due - from);
}
