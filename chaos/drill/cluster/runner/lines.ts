import type { DrillEvent, OnEvent } from '../../events.ts';

/** How often figures are told where nothing else is. */
const FIGURES_EVERY_MS = 10_000;

/** Tells what a drill does as plain lines, each with its time. */
export function eventLines(write: (line: string) => void): OnEvent {
  let figuresAt = 0;
  return (event) => {
    if (event.kind === 'figures') {
      if (event.at - figuresAt < FIGURES_EVERY_MS) return;
      figuresAt = event.at;
    }
    const text = wordsOf(event);
    if (text !== undefined) write(`${new Date(event.at).toISOString().slice(11, 19)}  ${text}`);
  };
}

function wordsOf(event: DrillEvent): string | undefined {
  switch (event.kind) {
    case 'step':
      return `${event.step}: ${event.title}`;
    case 'leftover':
      return `left of an earlier drill, and taken back: ${event.leftover}`;
    case 'injected':
      return `the fault is there: ${event.title}`;
    case 'reverted':
      return 'the fault is taken back';
    case 'awaited':
      return event.entries.length === 0
        ? undefined
        : `awaited: ${event.entries.map(({ title, from, due }) => `${title} within ${seconds(due - from)}`).join('; ')}`;
    case 'happened':
      return `${event.entry.title}: after ${seconds((event.entry.at ?? event.at) - event.entry.from)} of ${seconds(event.entry.due - event.entry.from)}`;
    case 'missed':
      return `${event.entry.title}: not within ${seconds(event.entry.due - event.entry.from)}; it is still looked for`;
    case 'undone':
      return `${event.entry.title}: holds no longer`;
    case 'figures':
      return [
        ...event.lanes.map(
          ({ lane, sent, failed, lost }) => `${lane} ${sent}/s, ${failed} failed, ${lost} lost so far`,
        ),
        ...(event.openBreakers?.length ? [`open: ${event.openBreakers.join(', ')}`] : []),
        ...(event.firing?.length ? [`firing: ${event.firing.join(', ')}`] : []),
      ].join('; ');
    case 'trouble':
      return `trouble: ${event.what}`;
    case 'aborting':
      return `given up: ${event.reason}`;
    case 'asserted': {
      const { outcome, title, measured, allowed } = event.assertion;
      return `${outcome}: ${title}: ${measured}, allowed ${allowed}`;
    }
    case 'ended':
      return `${event.run.verdict}: ${event.run.reason}`;
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
