import type { Facts } from './facts.ts';
import { newWatch } from './notice.ts';
import type { Sight } from './sight.ts';
import type { GuardEvent, Phase, State } from './state.ts';

// An event that comes again after so many others is older than any alert that is acted on.
const MAX_TAKEN = 256;

// Where a person can order to go back: not while the guard already does.
const OPEN_TO_ORDERS: readonly Phase[] = ['idle', 'watching', 'deciding', 'done', 'inconclusive', 'refused'];

type Take = (state: State, event: GuardEvent, facts: Facts) => State;

const TAKE: Readonly<Record<GuardEvent['kind'], Take>> = { firing, resolved, order };

/** The state with every event that waits taken, each once. Those on another release than the watched one are noted. */
export function taken(state: State, { inbox, facts }: Sight): State {
  return inbox.events
    .filter(({ key }) => !state.taken.includes(key))
    .reduce((before, event) => {
      const next = TAKE[event.kind](before, event, facts);
      return { ...next, taken: [...next.taken, event.key].slice(-MAX_TAKEN) };
    }, state);
}

/**
 * Only the first alert counts, so that one that comes and goes does not start anew what is waited for. One on a release
 * that has just been proven good is about the end of its window. One that comes while an order is decided on is kept: the
 * watch goes on with it when the order is refused.
 */
function firing(state: State, event: GuardEvent, { now }: Facts): State {
  const { phase, watch } = state;
  if (watch?.hash !== event.hash || state.current !== event.hash) return state;
  if (phase === 'deciding' && watch.order && !watch.isByOrder && !watch.trigger) {
    return { ...state, watch: { ...watch, trigger: event } };
  }
  const isLate = phase === 'done' && watch.outcome === 'proven';
  if (phase !== 'watching' && !isLate) return state;
  const { outcome: _, ending: __, endedAt: ___, resolved: ____, ...open } = watch;
  return { ...state, phase: 'deciding', watch: { ...open, trigger: event, decidingSince: now } };
}

function resolved(state: State, event: GuardEvent): State {
  const { phase, watch } = state;
  const { trigger } = watch ?? {};
  const isOfTrigger =
    trigger?.hash === event.hash && trigger.name === event.name && trigger.startsAt === event.startsAt;
  if (phase !== 'deciding' || !watch || !isOfTrigger) return state;
  return { ...state, watch: { ...watch, resolved: true } };
}

/** An order is on the release that is wanted now, watched or not: whoever gave it has seen that one. */
function order(state: State, event: GuardEvent, facts: Facts): State {
  const revision = facts.revisions.find(({ hash }) => hash === event.hash);
  if (state.current !== event.hash || !revision || !OPEN_TO_ORDERS.includes(state.phase)) return state;
  const isOpen = state.watch?.hash === event.hash && state.watch.outcome === undefined;
  const watch = isOpen ? state.watch : { ...newWatch(revision, state, facts), isByOrder: true };
  return { ...state, phase: 'deciding', watch: { decidingSince: facts.now, ...watch, order: event } };
}
