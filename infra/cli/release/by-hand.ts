import { GATEWAY } from '../../../alerts/rollback/release-of.ts';
import type { Place } from './place.ts';
import type { Revision, Running } from './running.ts';

/** The commands that go back to a revision without the guard. The number is that of now: every rollback changes it. */
export function commandsByHand(
  { env, namespace }: Pick<Place, 'env' | 'namespace'>,
  { gateway, revisions }: Running,
  target: Revision,
): readonly string[] {
  const bad = revisions.find(({ hash }) => hash === gateway?.hash)?.release;
  const kubectl = `kubectl -n ${namespace} rollout`;
  return [
    ...(gateway?.isPaused ? [`${kubectl} resume deployment/${GATEWAY}`] : []),
    `${kubectl} undo deployment/${GATEWAY} --to-revision=${target.number}  # ${target.hash}, version ${target.version}`,
    `${kubectl} status deployment/${GATEWAY}`,
    ...(bad ? [`sluice release quarantine ${bad.id} --env ${env} --reason '...'`] : []),
  ];
}
