import type { Proven, State } from '../../../alerts/rollback/index.ts';
import type { QuarantineList } from '../../cluster/quarantine.ts';
import type { Revision, Running } from './running.ts';

/** A release that lasted its window, and whether it can be gone back to. */
export type Candidate = Proven & {
  /** Of its ReplicaSet; absent: there is none any more. */
  readonly revision?: Revision;
  /** Why it cannot be gone back to; absent: it can. */
  readonly obstacle?: string;
};

/** Obstacles that a person can do something about. */
export const OBSTACLES = { rolledBack: 'it was rolled back', quarantined: 'it is quarantined' } as const;

type Of = {
  readonly state: Pick<State, 'proven' | 'rolledBack'>;
  readonly running: Pick<Running, 'gateway' | 'revisions'>;
  readonly quarantined: QuarantineList;
};

/** Every proven release, the newest first. */
export function candidatesOf(of: Of): readonly Candidate[] {
  return of.state.proven.map((each) => {
    const revision = of.running.revisions.find(({ hash }) => hash === each.hash);
    const obstacle = findObstacle({ ...each, ...(revision && { revision }) }, of);
    return { ...each, ...(revision && { revision }), ...(obstacle !== undefined && { obstacle }) };
  });
}

/** Why the guard would not go back to a release, proven or not; undefined when it would. */
export function findObstacle(
  { hash, release, revision }: Pick<Candidate, 'hash' | 'revision'> & Partial<Pick<Candidate, 'release'>>,
  { state, running, quarantined }: Of,
): string | undefined {
  const obstacles: readonly (readonly [is: boolean, reason: string])[] = [
    [hash === running.gateway?.hash, 'it is what is wanted now'],
    [!revision, 'its ReplicaSet is gone'],
    [revision?.hasConfiguration === false, 'its configuration is gone'],
    [state.rolledBack.includes(hash), OBSTACLES.rolledBack],
    [release !== undefined && release.id in quarantined, OBSTACLES.quarantined],
  ];
  return obstacles.find(([is]) => is)?.[1];
}
