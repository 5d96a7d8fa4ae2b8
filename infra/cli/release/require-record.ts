import type { EnvironmentName } from '../../../service/definition/index.ts';
import type { ReleaseRecord } from '../../../alerts/rollback/index.ts';
import { UsageError } from '../errors.ts';

/**
 * The record that a person means: by its id, or the newest of a release by its hash, the start of that, or its own id;
 * without a name the newest of all. Throws a UsageError when there is none.
 */
export function requireRecord(
  records: readonly ReleaseRecord[],
  given: string | undefined,
  env: EnvironmentName,
): ReleaseRecord {
  if (records.length === 0) throw new UsageError(`${env} has no record of a release yet`);
  const found =
    given === undefined
      ? records[0]
      : (records.find(({ id }) => id === given) ??
        records.find(({ hash, release }) => hash === given || release.id === given) ??
        records.find(({ id }) => id.startsWith(given)));
  if (found) return found;
  const known = records.slice(0, 5).map(({ id }) => id);
  throw new UsageError(`there is no record '${given ?? ''}'; the newest are ${known.join(', ')}`);
}
