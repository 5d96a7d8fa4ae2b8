import { UsageError } from '../errors.ts';
import type { Desk } from '../deploy/desk.ts';
import type { Place } from './place.ts';
import { readRunning } from './running.ts';

/** How an id ends, whatever image it names: with the hash of its configuration. */
const ID = /.-[0-9a-f]{10}$/;

/**
 * The id of a release that a person means by that id or by the hash of its template. An id that is not known here is taken
 * as it is, with a note: a release may be refused before it ever ran. Throws a UsageError for what can be no id.
 */
export async function requireReleaseId(place: Place, given: string, desk: Desk): Promise<string> {
  const { revisions } = await readRunning(place);
  const known = revisions.flatMap(({ hash, release }) => (release ? [{ hash, id: release.id }] : []));
  const found = known.find(({ hash, id }) => id === given || hash === given);
  if (found) return found.id;
  const ids = [...new Set(known.map(({ id }) => id))];
  const others = ids.length === 0 ? 'none is known here' : `known here are ${ids.join(', ')}`;
  if (!ID.test(given)) {
    throw new UsageError(
      `no release '${given}' has run here lately, and an id ends like ...-0123456789 (of its configuration); ${others}`,
    );
  }
  desk.err(`note: no release '${given}' has run here lately; ${others}\n`);
  return given;
}
