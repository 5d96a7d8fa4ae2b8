import type { Act } from './act.ts';
import type { Facts } from './facts.ts';
import type { Policy } from './policy.ts';
import { recordOf } from './record.ts';
import { isRestoring, isSamePace } from './restore.ts';
import { OPEN_PHASES, type Owed, type State } from './state.ts';
import { findBan } from './targets.ts';
import { isWithdrawnOver } from './tidy.ts';

type Due = (state: State, facts: Facts, policy: Policy) => readonly Act[];

// The most urgent first: what stands behind waits for what stands before it.
const DUE: readonly Due[] = [
  restore,
  putBack,
  baseline,
  ({ owed }, facts, policy) => owed.filter((one) => isPossible(one, facts)).map((one) => actOf(one, policy)),
  withdrawn,
];

/** What there is to do, the most urgent first: the difference between what a stored state wants and what there is. */
export function due(state: State, facts: Facts, policy: Policy): readonly Act[] {
  return DUE.flatMap((one) => one(state, facts, policy));
}

/** The state once an act was done: it is owed no longer. The very same object for acts whose effect can be seen. */
export function settled(state: State, act: Act): State {
  const owed = state.owed.filter((one) => !isSame(one, act));
  return owed.length === state.owed.length ? state : { ...state, owed };
}

function restore({ phase, watch }: State, { gateway, revisions }: Facts, { mode }: Policy): readonly Act[] {
  if (phase !== 'rolling-back' || mode !== 'act' || !watch?.restore || gateway?.hash !== watch.hash) return [];
  const { target, during } = watch.restore;
  if (!revisions.some(({ hash }) => hash === target.hash)) return [];
  return [{ kind: 'restore', from: watch.hash, target: target.hash, pace: during }];
}

/** Only the pace that the guard has set: any other is somebody's will. */
function putBack({ phase, raised }: State, { gateway }: Facts): readonly Act[] {
  if (!raised || isRestoring({ phase }) || !gateway || !isSamePace(gateway.pace, raised.during)) return [];
  return [{ kind: 'put-back', from: raised.during, pace: raised.before }];
}

/** In a dry run too: without it nothing could be compared, and nothing be decided. */
function baseline(state: State, facts: Facts, policy: Policy): readonly Act[] {
  const wanted = wantedBaseline(state, facts, policy);
  if (wanted === undefined) return facts.baseline ? [{ kind: 'drop-baseline' }] : [];
  return facts.baseline?.of === wanted ? [] : [{ kind: 'keep-baseline', of: wanted, pods: policy.baseline }];
}

function wantedBaseline({ phase, watch, ...state }: State, facts: Facts, policy: Policy): string | undefined {
  if (!watch?.previous || !facts.gateway || !OPEN_PHASES.includes(phase) || policy.baseline === 0) return undefined;
  // A release of which no pod gets Ready is waited for without limit; what it would be compared with is not kept so long.
  if (watch.firstReadyAt === undefined && facts.now - watch.seenAt > 2 * policy.watch) return undefined;
  const { hash } = watch.previous;
  if (findBan(watch.previous, { phase, ...state }, facts) !== undefined) return undefined;
  // A pod that is kept already needs no ReplicaSet any more.
  const isPossible = facts.baseline?.of === hash || facts.revisions.some((revision) => revision.hash === hash);
  return isPossible ? hash : undefined;
}

/** After the restore: what users need comes first where room is short. */
function withdrawn(state: State, facts: Facts): readonly Act[] {
  const { withdrawn: kept } = state;
  if (!kept || isWithdrawnOver(state, facts)) return facts.withdrawn ? [{ kind: 'drop-withdrawn' }] : [];
  const isPossible =
    facts.gateway !== undefined &&
    facts.revisions.some(({ hash }) => hash === kept.of) &&
    !facts.withoutConfiguration.includes(kept.of);
  if (!isPossible || facts.withdrawn?.of === kept.of) return [];
  return [{ kind: 'keep-withdrawn', of: kept.of, until: kept.until }];
}

/** There is something to hand over only once the restore has set it. */
function isPossible(owed: Owed, { gateway }: Facts): boolean {
  return owed.kind !== 'hand-over' || (gateway?.hash !== undefined && gateway.hash !== owed.of);
}

function actOf(owed: Owed, policy: Policy): Act {
  return 'watch' in owed ? { kind: owed.kind, record: recordOf(owed.watch, policy) } : owed;
}

function isSame(owed: Owed, act: Act): boolean {
  if (owed.kind === 'quarantine') return act.kind === 'quarantine' && act.release.id === owed.release.id;
  if (owed.kind === 'hand-over') return act.kind === 'hand-over' && act.of === owed.of;
  return act.kind === owed.kind && act.record.id === owed.watch.id && act.record.outcome === owed.watch.outcome;
}
