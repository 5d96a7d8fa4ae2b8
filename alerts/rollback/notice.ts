import { ended } from './ends.ts';
import type { Facts, RunningRevision } from './facts.ts';
import { isAbout } from './events.ts';
import { evidenceOf } from './gather.ts';
import { judge } from './judge.ts';
import type { Policy } from './policy.ts';
import type { Revision } from './release.ts';
import { isRestoring } from './restore.ts';
import type { Sight } from './sight.ts';
import { OPEN_PHASES, type State, type Watch } from './state.ts';
import { findBan } from './targets.ts';

/**
 * What becomes of the state when the Deployment wants another template than at the last look. One that the guard has
 * ordered is expected; one that was proven good is not judged again, whoever has gone back to it; any other is a new
 * release, also the first one that a guard ever sees. While the ReplicaSet is not made yet nothing is known of it.
 */
export function noticed(state: State, sight: Sight, policy: Policy): State {
  const { facts } = sight;
  const wanted = facts.gateway?.hash;
  const revision = facts.revisions.find(({ hash }) => hash === wanted);
  if (wanted === undefined || wanted === state.current || !revision) return state;
  if (isOrdered(state, wanted)) return { ...state, current: wanted };
  const { watch: _, ...left } = superseded(state, wanted, sight, policy);
  const isProven = state.proven.some(({ hash }) => hash === wanted);
  if (isProven && findBan(revision, state, facts) === undefined) return { ...left, phase: 'idle', current: wanted };
  return {
    ...left,
    phase: 'watching',
    current: wanted,
    watch: newWatch(revision, state, facts),
    // An alert that has been on since this very release was here before is on this time too.
    taken: left.taken.filter((key) => !isAbout(key, wanted)),
  };
}

/** A watch that begins now. */
export function newWatch(revision: RunningRevision, state: State, facts: Facts): Watch {
  const previous = findPrevious(revision.hash, state, facts);
  const writer = facts.gateway?.writer;
  return {
    ...plain(revision),
    id: `${revision.hash}-${facts.now}`,
    seenAt: facts.now,
    ...(writer !== undefined && { writer }),
    ...(previous && { previous: plain(previous) }),
    samples: [],
  };
}

/** Whether it is the release that the guard is about to go back to. */
function isOrdered(state: State, wanted: string): boolean {
  return isRestoring(state) && state.watch?.restore?.target.hash === wanted;
}

function superseded(state: State, wanted: string, sight: Sight, policy: Policy): State {
  const { phase, watch } = state;
  if (!watch || !OPEN_PHASES.includes(phase)) return state;
  return ended(
    state,
    phase === 'deciding' ? withDecision(watch, state, sight, policy) : watch,
    'superseded',
    `${wanted} has taken its place`,
    sight.facts.now,
  );
}

function withDecision(watch: Watch, state: State, sight: Sight, policy: Policy): Watch {
  const evidence = evidenceOf(watch, state, sight);
  return { ...watch, evidence, verdict: judge(evidence, policy), policy, decidedAt: sight.facts.now };
}

/**
 * What a release is compared with. It serves users all the while, so that it is never one that was withdrawn; and the
 * best is one that was proven good and still runs, as in the middle of another rollout.
 */
function findPrevious(hash: string, state: State, facts: Facts): Revision | undefined {
  const others = facts.revisions.filter(
    (revision) => revision.hash !== hash && findBan(revision, state, facts) === undefined,
  );
  const isProven = (revision: Revision) => state.proven.some((proven) => proven.hash === revision.hash);
  return (
    others.find((revision) => revision.ready > 0 && isProven(revision)) ??
    others.find(({ ready }) => ready > 0) ??
    others.find((revision) => revision.hash === state.current) ??
    others.find(isProven)
  );
}

function plain({ hash, release, version, safeFrom }: Revision): Revision {
  return { hash, release, version, safeFrom };
}
