import { COMPANIONS } from '../state.ts';
import { requireReading, requireSet, type ActContext } from './act-context.ts';
import { create, patchAsRead, removeAnyState } from './changes.ts';
import { companionOf, madeFor, type Wanted } from './companion.ts';
import { ClusterError } from './errors.ts';
import type { LiveObject } from './live-object.ts';

/**
 * Makes a companion, or leaves the one that is there; one of another revision is deleted first. Throws a ClusterError
 * when somebody else has a Deployment of its name, or it may not be made.
 */
export async function keepCompanion(context: ActContext, wanted: Wanted): Promise<void> {
  const { connection, paths } = context;
  const reading = requireReading(context);
  const object = companionOf(wanted, requireSet(reading, wanted.of), reading.deployment);
  if (await create(connection, paths.deployments, object)) return;
  const there = await findCompanion(context, wanted.as);
  // What is being deleted has its name until then: the next look tells.
  if (!there || there.metadata.deletionTimestamp !== undefined) return;
  if (requireOurs(there) === wanted.of) {
    await adopt(context, there, wanted.pods);
    return;
  }
  await removeAnyState(connection, pathOf(context, wanted.as), there);
  await create(connection, paths.deployments, object);
}

/** Deletes a companion, where there is one. Throws a ClusterError when it may not be deleted. */
export async function dropCompanion(context: ActContext, as: Wanted['as']): Promise<void> {
  const there = await findCompanion(context, as);
  if (!there || there.metadata.deletionTimestamp !== undefined) return;
  requireOurs(there);
  await removeAnyState(context.connection, pathOf(context, as), there);
}

/** The number of pods is all that may differ between two of the same revision. */
async function adopt(context: ActContext, there: LiveObject, pods: number): Promise<void> {
  if ((there.spec as { readonly replicas?: number }).replicas === pods) return;
  const path = `${context.paths.deployments}/${there.metadata.name}`;
  await patchAsRead(context.connection, path, there, [{ op: 'replace', path: '/spec/replicas', value: pods }]);
}

async function findCompanion(context: ActContext, as: Wanted['as']): Promise<LiveObject | undefined> {
  const what = `get Deployment ${COMPANIONS[as]}`;
  return (await context.connection.get(pathOf(context, as), what)) as LiveObject | undefined;
}

function requireOurs(deployment: LiveObject): string {
  const of = madeFor(deployment);
  if (of !== undefined) return of;
  const { name } = deployment.metadata;
  throw new ClusterError(
    'failed',
    `the Deployment ${name} is not the guard's, which needs the name: rename or delete it`,
  );
}

function pathOf({ paths }: ActContext, as: Wanted['as']): string {
  return `${paths.deployments}/${COMPANIONS[as]}`;
}
