import { UsageError } from '../errors.ts';
import type { Revision } from './running.ts';
import type { Status } from './read-status.ts';

/**
 * The revision that a person wants back: by its hash or the start of it, else the newest proven one that can be gone back
 * to. Throws a UsageError that says which there are when it is none of them.
 */
export function requireTarget({ running, proven, place }: Status, given: string | undefined): Revision {
  const others = running.revisions.filter(({ hash }) => hash !== running.gateway?.hash);
  if (given !== undefined) {
    const found = others.filter(({ hash }) => hash === given || hash.startsWith(given));
    const [revision] = found;
    if (revision && found.length === 1) {
      if (revision.hasConfiguration) return revision;
      throw new UsageError(`the configuration of ${revision.hash} is gone: its pods would not start`);
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

function known(revisions: readonly Revision[]): string {
  if (revisions.length === 0) return 'there is no other revision';
  return `there are ${revisions.map(({ hash, version }) => `${hash} (${version})`).join(', ')}`;
}
