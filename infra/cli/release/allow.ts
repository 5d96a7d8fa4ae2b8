import { STORES } from '../../../alerts/rollback/state.ts';
import { quarantinesOf, type QuarantineList } from '../../cluster/quarantine.ts';
import { quarantineFile, readQuarantineFile, writeQuarantineFile } from '../../quarantine-file.ts';
import { printDocument } from '../deploy/documents.ts';
import type { Desk } from '../deploy/desk.ts';
import type { ClusterOptions } from '../deploy/options.ts';
import { EXIT, UsageError } from '../errors.ts';
import { change, findConfigMap } from './change.ts';
import { findPlace } from './place.ts';

/** What `sluice release allow` is given. */
export type AllowOptions = ClusterOptions & { readonly reason: string };

/** What a second chance is worth. */
const ONCE =
  'The guard judges it anew when it is deployed. It moves no release twice by itself: where this one was rolled back ' +
  'before and is bad again, people are paged.';

/** How it comes back where the definition still names it. Pulumi's state does too, so by itself it sees no change. */
const waysBack = (env: string): string =>
  `to bring it back: sluice up --env ${env} (by Pulumi alone: pulumi up --refresh --stack ${env})`;

/**
 * Takes a release off the list of the quarantined, on the cluster and in the environment's file. `folder` holds the
 * file. Throws a UsageError that lists those that there are when it is none of them.
 */
export async function allow(id: string, options: AllowOptions, desk: Desk, folder?: string): Promise<number> {
  const { env, json, reason } = options;
  const filed = readQuarantineFile(env, folder);
  const place = await findPlace(options, desk);
  let listed: QuarantineList = {};
  // A cluster that was built anew has no list before the first deploy, which the file would refuse.
  const isFileAlone = id in filed && !(await findConfigMap(place, STORES.quarantine));
  const isLifted = isFileAlone
    ? false
    : await change(place, STORES.quarantine, (data) => {
        listed = quarantinesOf(data);
        return listed[id] && { [id]: null };
      });
  if (!isLifted && !filed[id]) throw new UsageError(noneOf(id, { ...filed, ...listed }));
  if (filed[id]) {
    const rest = Object.fromEntries(Object.entries(filed).filter(([each]) => each !== id));
    writeQuarantineFile(quarantineFile(env, folder), rest);
  }
  const was = listed[id] ?? filed[id];
  if (json) {
    printDocument(options, desk, { allowed: id, by: place.by, reason, was, inCluster: isLifted, inFile: id in filed });
    return EXIT.done;
  }
  const places = [...(isLifted ? ['the cluster'] : []), ...(filed[id] ? [quarantineFile(env, folder)] : [])];
  desk.out(`release ${id} may be deployed again: taken off the list of ${places.join(' and ')}\n`);
  if (isFileAlone) desk.err(`note: the namespace '${place.namespace}' has no ConfigMap ${STORES.quarantine}\n`);
  if (was) desk.out(`it was quarantined since ${was.at} by ${was.by}: ${was.reason}\n`);
  desk.out(`${ONCE}\n${waysBack(env)}\n`);
  return EXIT.done;
}

function noneOf(id: string, list: QuarantineList): string {
  const ids = Object.keys(list).sort();
  const known = ids.length === 0 ? 'none is' : `those that are: ${ids.join(', ')}`;
  return `the release '${id}' is not quarantined; ${known}`;
}
