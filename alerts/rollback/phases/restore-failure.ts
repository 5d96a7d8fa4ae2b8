import type { Facts } from '../facts.ts';

/** Why a release cannot be restored however long one waits; undefined when nothing speaks against it. */
export function findFailure(target: string, { revisions, withoutConfiguration }: Facts): string | undefined {
  const revision = revisions.find(({ hash }) => hash === target);
  if (!revision) return `the ReplicaSet of ${target} is gone`;
  if (withoutConfiguration.includes(target)) return `the configuration of ${target} is gone`;
  return revision.trouble === undefined ? undefined : `a pod of ${target} does not start: ${revision.trouble}`;
}
