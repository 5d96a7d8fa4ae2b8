import type { Facts } from './facts.ts';
import { isSamePace } from './restore.ts';
import type { State } from './state.ts';

/** The state without what has come about: a pace that was put back, a pod that is gone, a quarantine that is there. */
export function tidied(state: State, facts: Facts): State {
  return withoutQuarantines(withoutWithdrawn(withoutRaised(state, facts), facts), facts);
}

/** Whether the kept pod of the withdrawn release has served its time, or is none of a withdrawn one any more. */
export function isWithdrawnOver({ withdrawn, current }: State, { now }: Facts): boolean {
  return withdrawn === undefined || now >= withdrawn.until || withdrawn.of === current;
}

function withoutRaised(state: State, { gateway }: Facts): State {
  const isRestoring = state.phase === 'rolling-back' || state.phase === 'verifying';
  if (!state.raised || isRestoring || !gateway || isSamePace(gateway.pace, state.raised.during)) return state;
  const { raised: _, ...rest } = state;
  return rest;
}

function withoutWithdrawn(state: State, facts: Facts): State {
  if (!state.withdrawn || facts.withdrawn || !isWithdrawnOver(state, facts)) return state;
  const { withdrawn: _, ...rest } = state;
  return rest;
}

function withoutQuarantines(state: State, { quarantined }: Facts): State {
  const owed = state.owed.filter((one) => one.kind !== 'quarantine' || !quarantined.includes(one.release.id));
  return owed.length === state.owed.length ? state : { ...state, owed };
}
