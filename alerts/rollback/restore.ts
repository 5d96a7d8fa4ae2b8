import type { Evidence, Verdict } from './evidence.ts';
import type { Facts, Pace } from './facts.ts';
import type { Policy } from './policy.ts';
import type { Owed, State, Watch } from './state.ts';

type Restore = NonNullable<Watch['restore']>;

// So many times the usual start of a pod is waited for before a restore counts as failed: a node that pulls an image,
// or has to be found, is slow and no reason to wake anybody.
const SLOW_STARTS = 3;

const MAX_ROLLED_BACK = 200;

/** The state of a decided rollback: stored before anything is done, and enough for another guard to do it. */
export function restoring(
  state: State,
  watch: Watch,
  { evidence, verdict }: { readonly evidence: Evidence; readonly verdict: Verdict },
  facts: Facts,
  policy: Policy,
): State {
  const { gateway } = facts;
  const { target } = evidence;
  if (!gateway || !target) return state;
  // A pace that an earlier restore raised is not the Deployment's own.
  const before = isSamePace(gateway.pace, state.raised?.during) ? (state.raised?.before ?? gateway.pace) : gateway.pace;
  const during = paceOf(before, gateway.replicas, facts.room, policy);
  const deadline = Math.max(
    facts.now + policy.restoreDeadline - policy.detectionDeadline,
    facts.now + slowest(gateway.replicas, during, policy),
  );
  const restore: Restore = { target, replicas: gateway.replicas, before, during, deadline };
  const { raised: _, ...rest } = state;
  return {
    ...rest,
    ...(!isSamePace(before, during) && { raised: { before, during } }),
    phase: 'rolling-back',
    watch: { ...watch, decidedAt: facts.now, restore },
    lastRollbackAt: facts.now,
    rolledBack: [...state.rolledBack.filter((hash) => hash !== watch.hash), watch.hash].slice(-MAX_ROLLED_BACK),
    proven: state.proven.filter(({ hash }) => hash !== watch.hash),
    owed: [...state.owed, ...quarantineOf(watch, evidence, verdict, facts.now), { kind: 'hand-over', of: watch.hash }],
  };
}

/** How long the restore may still take once it was ordered, on slow nodes. */
export function slowest(replicas: number, { surge, minReadySeconds }: Pace, { timeToReady }: Policy): number {
  return Math.ceil(replicas / Math.max(1, surge)) * (SLOW_STARTS * timeToReady + minReadySeconds * 1000);
}

/** Whether a restore is under way: what it has set is not the last word yet. */
export function isRestoring({ phase }: Pick<State, 'phase'>): boolean {
  return phase === 'rolling-back' || phase === 'verifying';
}

/** Whether two paces are the same; nothing is the same as none. */
export function isSamePace(pace: Pace, other: Pace | undefined): boolean {
  return pace.surge === other?.surge && pace.minReadySeconds === other.minReadySeconds;
}

/** The pace as it is where that keeps the deadline; else as many pods at once as the policy and the quota admit. */
function paceOf(before: Pace, replicas: number, room: number | undefined, policy: Policy): Pace {
  const usual = Math.ceil(replicas / Math.max(1, before.surge)) * (policy.timeToReady + before.minReadySeconds * 1000);
  if (usual <= policy.restoreDeadline - policy.detectionDeadline) return before;
  const surge = Math.min(policy.restoreSurge, room ?? policy.restoreSurge);
  return { surge: Math.max(before.surge, surge), minReadySeconds: 0 };
}

// Where both releases are the same image and configuration, the fault is elsewhere in the template, and a quarantine
// would ban the good one too.
function quarantineOf(
  { release }: Watch,
  { target, order }: Evidence,
  { reason }: Verdict,
  at: number,
): readonly Owed[] {
  if (target?.release.id === release.id) return [];
  return [{ kind: 'quarantine', release, reason, by: order?.by ?? 'guard', at }];
}
