import type { Act } from '../act.ts';
import type { Quarantine } from '../quarantine.ts';
import { STORES } from '../state.ts';
import type { ActContext } from './act-context.ts';
import { requireChange } from './config-map.ts';

/** Notes why a release may not be deployed again; what was noted first stays. Throws a ClusterError. */
export async function writeQuarantine(
  { connection, paths }: ActContext,
  { release, reason, at, by }: Act & { readonly kind: 'quarantine' },
): Promise<void> {
  const quarantine: Quarantine = { reason, at: new Date(at).toISOString(), by };
  await requireChange(connection, paths, STORES.quarantine, (entries) =>
    entries[release.id] === undefined ? { [release.id]: JSON.stringify(quarantine) } : undefined,
  );
}
