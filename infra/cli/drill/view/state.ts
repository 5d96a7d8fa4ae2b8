import type { DrillEvent, LaneFigures } from '../../../../chaos/drill/events.ts';
import type { Assertion, Run, TimelineEntry } from '../../../../chaos/report/index.ts';

/** A link whose time counts. */
export type AwaitedLink = { readonly entry: TimelineEntry; readonly isMissed: boolean };

/** What is known of a drill that runs. */
export type DrillState = {
  readonly experiment: string;
  readonly startedAt: number;
  /** Steps in the order in which they came; the last is under way. */
  readonly steps: readonly { readonly title: string; readonly from: number; readonly until?: number }[];
  readonly links: readonly AwaitedLink[];
  readonly lanes: readonly LaneFigures[];
  readonly openBreakers: readonly string[];
  readonly firing: readonly string[];
  /** When the fault was injected and taken back. */
  readonly fault?: { readonly title: string; readonly from: number; readonly to?: number };
  /** What went wrong last, and is tried again. */
  readonly trouble?: string;
  readonly aborting?: string;
  readonly broken: readonly Assertion[];
  readonly run?: Run;
};

/** Of a drill of which nothing is known yet. */
export function firstState(experiment: string, startedAt: number): DrillState {
  return { experiment, startedAt, steps: [], links: [], lanes: [], openBreakers: [], firing: [], broken: [] };
}

/** What is known after an event. */
export function nextState(state: DrillState, event: DrillEvent): DrillState {
  switch (event.kind) {
    case 'step': {
      // It comes with the last event, which says the same.
      if (event.step === 'verdict') return state;
      const { title, at: from, until } = event;
      const { trouble: _over, ...rest } = state;
      return { ...rest, steps: [...state.steps, { title, from, ...(until !== undefined && { until }) }] };
    }
    case 'injected':
      return { ...state, fault: { title: event.title, from: event.at } };
    case 'reverted':
      return { ...state, ...(state.fault && { fault: { ...state.fault, to: event.at } }) };
    case 'awaited':
      return { ...state, links: event.entries.reduce(withAwaited, state.links) };
    case 'happened':
    case 'undone':
    case 'missed':
      return { ...state, links: replaced(state.links, event.entry, event.kind === 'missed') };
    case 'figures': {
      const { lanes, openBreakers = [], firing = [] } = event;
      return { ...state, lanes, openBreakers, firing };
    }
    case 'trouble':
      return { ...state, trouble: event.what };
    case 'aborting':
      return { ...state, aborting: event.reason };
    case 'asserted':
      return event.assertion.outcome === 'broke' ? { ...state, broken: [...state.broken, event.assertion] } : state;
    case 'ended':
      return { ...state, run: event.run };
    case 'leftover':
      return state;
  }
}

/** Adds a link, unless it is there: what has become of it is known better. */
function withAwaited(links: readonly AwaitedLink[], entry: TimelineEntry): readonly AwaitedLink[] {
  return links.some((link) => link.entry.id === entry.id) ? links : [...links, { entry, isMissed: false }];
}

function replaced(links: readonly AwaitedLink[], entry: TimelineEntry, isMissed: boolean): readonly AwaitedLink[] {
  const next = { entry, isMissed };
  return links.some((link) => link.entry.id === entry.id)
    ? links.map((link) => (link.entry.id === entry.id ? next : link))
    : [...links, next];
}
