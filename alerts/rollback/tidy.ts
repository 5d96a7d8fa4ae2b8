import type { Facts } from './facts.ts';
import { isRestoring, isSamePace } from './restore.ts';
import type { State } from './state.ts';

/**
 * The state without what has come about: a pace that was put back, a pod that is gone, a quarantine that is there; and
 * without what never will, such as to hand over what a restore has set that was not made, or was undone.
 */
export function tidied(state: State, facts: Facts): State {
  return withoutOwed(withoutWithdrawn(withoutRaised(state, facts), facts), facts);
}

/** Whether the kept pod of the withdrawn release has served its time, or is none of a withdrawn one any more. */
export function isWithdrawnOver({ withdrawn, current }: State, { now }: Facts): boolean {
  return withdrawn === undefined || now >= withdrawn.until || withdrawn.of === current;
}

function withoutRaised(state: State, { gateway }: Facts): State {
  if (!state.raised || isRestoring(state) || !gateway || isSamePace(gateway.pace, state.raised.during)) return state;
  const { raised: _, ...rest } = state;
  return rest;
}

function withoutWithdrawn(state: State, facts: Facts): State {
  if (!state.withdrawn || facts.withdrawn || !isWithdrawnOver(state, facts)) return state;
  const { withdrawn: _, ...rest } = state;
  return rest;
}

function withoutOwed(state: State, { gateway, quarantined }: Facts): State {
  const owed = state.owed.filter((one) => {
    if (one.kind === 'quarantine') return !quarantined.includes(one.release.id);
    return one.kind !== 'hand-over' || isRestoring(state) || gateway?.hash !== one.of;
  });
  return owed.length === state.owed.length ? state : { ...state, owed };
}
