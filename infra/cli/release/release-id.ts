import type { Desk } from '../deploy/desk.ts';
import type { Place } from './place.ts';
import { readRunning } from './running.ts';

/**
 * The id of a release that a person means by that id or by the hash of its template. What is not known here is taken as it
 * is, with a note: a release may be refused before it ever ran.
 */
export async function requireReleaseId(place: Place, given: string, desk: Desk): Promise<string> {
  const { revisions } = await readRunning(place);
  const known = revisions.flatMap(({ hash, release }) => (release ? [{ hash, id: release.id }] : []));
  const found = known.find(({ hash, id }) => id === given || hash === given);
  if (found) return found.id;
  const ids = [...new Set(known.map(({ id }) => id))];
  const others = ids.length === 0 ? 'none is known here' : `known here are ${ids.join(', ')}`;
  desk.err(`note: no release '${given}' has run here lately; ${others}\n`);
  return given;
}
