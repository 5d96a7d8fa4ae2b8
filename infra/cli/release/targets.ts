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

/** Every proven release, the newest first. */
export function candidatesOf(
  { proven, rolledBack }: Pick<State, 'proven' | 'rolledBack'>,
  { gateway, revisions }: Pick<Running, 'gateway' | 'revisions'>,
  quarantined: QuarantineList,
): readonly Candidate[] {
  return proven.map((each) => {
    const revision = revisions.find(({ hash }) => hash === each.hash);
    const obstacles: readonly (readonly [is: boolean, reason: string])[] = [
      [each.hash === gateway?.hash, 'it is what is wanted now'],
      [!revision, 'its ReplicaSet is gone'],
      [revision?.hasConfiguration === false, 'its configuration is gone'],
      [each.release.id in quarantined, 'it is quarantined'],
      [rolledBack.includes(each.hash), 'it was rolled back'],
    ];
    const obstacle = obstacles.find(([is]) => is)?.[1];
    return { ...each, ...(revision && { revision }), ...(obstacle !== undefined && { obstacle }) };
  });
}
