import { resolve } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { getRootDirectory, log, RunError, runtime } from '@pulumi/pulumi';
import { ClusterError } from '../../alerts/rollback/cluster/errors.ts';
import { requireRelease } from '../../alerts/rollback/release-of.ts';
// Not by the folder's index: a deploy has no use for most of what asks the cluster.
import { apiReader } from '../cluster/api-reader.ts';
import { findFreeze, formatFreeze, waysOutOfFreeze } from '../cluster/freeze.ts';
import { loadKubeconfig, parseKubeconfig } from '../cluster/kubeconfig.ts';
import { findQuarantine, formatQuarantine, waysOutOfQuarantine, type QuarantineList } from '../cluster/quarantine.ts';
import type { KubernetesObject } from '../synth/index.ts';
import type { ClusterSettings } from './kubeconfig.ts';

/** What a program is about to register. */
export type Intended = {
  readonly environment: string;
  readonly namespace: string;
  readonly objects: readonly KubernetesObject[];
  /** Releases that the repository itself quarantines. */
  readonly quarantined: QuarantineList;
};

/**
 * Refuses a quarantined release, and to change what is frozen; a preview of that is let through. A cluster that cannot be
 * asked refuses nothing: without one there is a preview all the same, and an update fails by itself. `kubeconfig` is the
 * text of the one that the stack names.
 */
export async function requireAllowed(
  { environment, namespace, objects, quarantined }: Intended,
  kubeconfig: string | undefined,
  settings: ClusterSettings,
): Promise<void> {
  const release = requireRelease(objects);
  let record = quarantined[release.id];
  let freeze;
  try {
    // What the repository says needs no cluster.
    if (!record) {
      const reader = apiReader(findCluster(kubeconfig, settings));
      record = await findQuarantine(reader, namespace, release);
      freeze = await findFreeze(reader, namespace, Date.now());
    }
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    await log.info(`whether the release is quarantined is not known: ${error.message}`);
    return;
  }
  if (record) {
    throw new RunError(`${formatQuarantine(release, record)}; ${waysOutOfQuarantine(environment, namespace, release)}`);
  }
  if (!freeze) return;
  const message = `${formatFreeze(environment, freeze)}; ${waysOutOfFreeze(environment)}`;
  if (!runtime.isDryRun()) throw new RunError(message);
  await log.warn(message);
}

/** A file is read where it is: what lies beside it is named by relative paths. */
function findCluster(kubeconfig: string | undefined, { file, stack, context }: ClusterSettings): KubeConfig {
  if (stack !== undefined && kubeconfig !== undefined) {
    return parseKubeconfig(kubeconfig, `the stack '${stack}'`, context);
  }
  return loadKubeconfig(process.env, undefined, {
    ...(file !== undefined && { file: resolve(getRootDirectory(), file) }),
    ...(context !== undefined && { context }),
  });
}
