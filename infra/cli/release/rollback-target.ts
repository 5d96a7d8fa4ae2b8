import { EMPTY_STATE } from '../../../alerts/rollback/state.ts';
import { UsageError } from '../errors.ts';
import type { Revision } from './running.ts';
import type { Status } from './read-status.ts';
import { findObstacle, OBSTACLES } from './targets.ts';

/**
 * The revision that a person wants back: by its hash or the start of it, else the newest proven one that can be gone back
 * to. Throws a UsageError that says which there are when it is none of them.
 */
export function requireTarget(status: Status, given: string | undefined): Revision {
  const { running, proven, place } = status;
  const others = running.revisions.filter(({ hash }) => hash !== running.gateway?.hash);
  if (given !== undefined) {
    const found = others.filter(({ hash }) => hash === given || hash.startsWith(given));
    const [revision] = found;
    if (revision && found.length === 1) {
      return requireNoObstacle(revision, status);
    }
    throw new UsageError(
      given === running.gateway?.hash
        ? `${given} is what is wanted now; ${known(others)}`
        : `${found.length === 0 ? 'no revision has' : 'several revisions have'} the hash '${given}'; ${known(others)}`,
    );
  }
  const target = proven.find(({ obstacle }) => obstacle === undefined)?.revision;
  if (target) return target;
  const reasons = proven.map(({ hash, obstacle = '' }) => `${hash}: ${obstacle}`).join('; ');
  throw new UsageError(
    `${place.env} has no proven release that can be gone back to (${reasons === '' ? 'none is proven yet' : reasons}); ` +
      `name one by --to HASH: ${known(others)}`,
  );
}

/** What the guard would refuse is refused here: it looks at a release that a person names as at any other. */
function requireNoObstacle(revision: Revision, { stores, running, place: { env } }: Status): Revision {
  const { hash, release } = revision;
  const { state = EMPTY_STATE, quarantined } = stores;
  const obstacle = findObstacle({ hash, revision, ...(release && { release }) }, { state, running, quarantined });
  if (obstacle === undefined) return revision;
  const allow =
    release && release.id in quarantined ? [`sluice release allow ${release.id} --env ${env} --reason '...'`] : [];
  const anew = [...allow, `sluice up --env ${env}`].join(', then ');
  const ways: Readonly<Record<string, string>> = {
    [OBSTACLES.rolledBack]: `; the guard never takes it back, a new deployment does: ${anew}`,
    [OBSTACLES.quarantined]: `; when the reason is gone: ${allow.join('')}`,
  };
  throw new UsageError(`${hash} cannot be gone back to: ${obstacle}${ways[obstacle] ?? ''}`);
}

function known(revisions: readonly Revision[]): string {
  if (revisions.length === 0) return 'there is no other revision';
  return `there are ${revisions.map(({ hash, version }) => `${hash} (${version})`).join(', ')}`;
}
