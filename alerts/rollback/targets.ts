import type { Evidence } from './evidence.ts';
import type { Facts, RunningRevision } from './facts.ts';
import type { Release } from './release.ts';
import type { State } from './state.ts';

type Candidate = { readonly hash: string; readonly release?: Release };

/** What can be gone back to from a release, and why what was proven good cannot. */
export type Targets = Required<Pick<Evidence, 'unusable'>> & { readonly target?: RunningRevision };

/**
 * The newest release proven good that is still there whole. `named`: the one that a person wants instead, proven or
 * not; then no other is taken for it.
 */
export function targetsOf(state: State, facts: Facts, from: string, named?: string): Targets {
  const candidates: readonly Candidate[] = named === undefined ? state.proven : [{ hash: named }];
  const unusable: { hash: string; reason: string }[] = [];
  for (const candidate of candidates) {
    if (candidate.hash === from && named === undefined) continue;
    const revision = facts.revisions.find(({ hash }) => hash === candidate.hash);
    const reason = findObstacle(candidate, revision, state, facts, from);
    if (reason === undefined && revision) return { target: revision, unusable };
    unusable.push({ hash: candidate.hash, reason: reason ?? 'is not known' });
  }
  return { unusable };
}

/** Why a revision may not be served from again; undefined when it may. Its pods are not asked. */
export function findBan(revision: Candidate, state: State, facts: Facts): string | undefined {
  if (state.rolledBack.includes(revision.hash)) return 'was rolled back itself';
  if (revision.release && facts.quarantined.includes(revision.release.id)) return 'is quarantined';
  if (facts.withoutConfiguration.includes(revision.hash)) return 'has lost its configuration';
  return undefined;
}

function findObstacle(
  candidate: Candidate,
  revision: RunningRevision | undefined,
  state: State,
  facts: Facts,
  from: string,
): string | undefined {
  if (candidate.hash === from) return 'is the release to go back from';
  if (!revision) return 'has no ReplicaSet any more';
  const ban = findBan(revision, state, facts);
  if (ban !== undefined) return ban;
  return revision.trouble === undefined ? undefined : `does not start: ${revision.trouble}`;
}
