import { requireRelease } from '../../../alerts/rollback/release-of.ts';
import { findQuarantine, formatQuarantine, waysOutOfQuarantine } from '../quarantine.ts';
import type { Candidate, Obstacle } from './precondition.ts';

/** The release was not withdrawn before. */
export async function quarantine(candidate: Candidate): Promise<readonly Obstacle[]> {
  const { objects, namespace, environment, reader, quarantined = {} } = candidate;
  const release = requireRelease(objects);
  const record = quarantined[release.id] ?? (await findQuarantine(reader, namespace, release));
  if (!record) return [];
  return [{ problem: formatQuarantine(release, record), fix: waysOutOfQuarantine(environment, namespace, release) }];
}
