import { requireRelease } from '../../../alerts/rollback/release-of.ts';
import { findQuarantine, formatQuarantine, waysOutOfQuarantine } from '../quarantine.ts';
import type { Candidate, Obstacle } from './precondition.ts';

/** The release was not withdrawn before. */
export async function quarantine({ objects, namespace, reader }: Candidate): Promise<readonly Obstacle[]> {
  const release = requireRelease(objects);
  const record = await findQuarantine(reader, namespace, release);
  if (!record) return [];
  return [{ problem: formatQuarantine(release, record), fix: waysOutOfQuarantine(namespace, release) }];
}
