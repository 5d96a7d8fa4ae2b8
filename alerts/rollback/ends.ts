import type { Outcome, Owed, Phase, State, Watch } from './state.ts';

// Of records and messages that are owed. More means that a receiver or the API server has been away for very long.
const MAX_OWED = 12;

const PHASE_OF: Readonly<Record<Outcome, Phase>> = {
  proven: 'done',
  superseded: 'done',
  restored: 'done',
  failed: 'done',
  'dry-run': 'done',
  refused: 'refused',
  inconclusive: 'inconclusive',
};

/** Outcomes that people are told of; the others are as they should be. */
const TOLD: readonly Outcome[] = ['restored', 'failed', 'refused', 'inconclusive', 'dry-run'];

/** The state when it has ended with a release: nothing moves any more, and the record is owed. */
export function ended(state: State, watch: Watch, outcome: Outcome, ending: string, now: number): State {
  const over: Watch = { ...watch, outcome, ending, endedAt: now };
  const owed: readonly Owed[] = [
    { kind: 'record', watch: over },
    // A message says how it ended, not how it went.
    ...(TOLD.includes(outcome) ? [{ kind: 'tell', watch: { ...over, samples: [] } } as const] : []),
  ];
  return { ...state, phase: PHASE_OF[outcome], watch: over, owed: bounded([...state.owed, ...owed]) };
}

function bounded(owed: readonly Owed[]): readonly Owed[] {
  const kept = owed.filter((one) => 'watch' in one).slice(-MAX_OWED);
  return owed.filter((one) => !('watch' in one) || kept.includes(one));
}
