import { resolve } from 'node:path';
import { getRootDirectory, log, RunError } from '@pulumi/pulumi';
// Not by the folder's index: a deploy has no use for most of what asks the cluster.
import { apiReader } from '../cluster/api-reader.ts';
import { ClusterError } from '../../alerts/rollback/cluster/errors.ts';
import { loadKubeconfig, parseKubeconfig } from '../cluster/kubeconfig.ts';
import { findQuarantine, formatQuarantine, waysOutOfQuarantine } from '../cluster/quarantine.ts';
import { requireRelease } from '../../alerts/rollback/release-of.ts';
import type { KubernetesObject } from '../synth/index.ts';
import type { ClusterSettings } from './kubeconfig.ts';

/**
 * Refuses a quarantined release. A cluster that cannot be asked refuses nothing: without one there is a preview all
 * the same, and an update fails by itself. `kubeconfig` is the text of the one that the stack names.
 */
export async function requireAllowed(
  objects: readonly KubernetesObject[],
  namespace: string,
  kubeconfig: string | undefined,
  { file, stack, context }: ClusterSettings,
): Promise<void> {
  const release = requireRelease(objects);
  const choice = {
    ...(file !== undefined && { file: resolve(getRootDirectory(), file) }),
    ...(context !== undefined && { context }),
  };
  let record;
  try {
    // A file is read where it is: what lies beside it is named by relative paths.
    const config =
      stack !== undefined && kubeconfig !== undefined
        ? parseKubeconfig(kubeconfig, `the stack '${stack}'`, context)
        : loadKubeconfig(process.env, undefined, choice);
    record = await findQuarantine(apiReader(config), namespace, release);
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    await log.info(`whether the release is quarantined is not known: ${error.message}`);
    return;
  }
  if (!record) return;
  throw new RunError(`${formatQuarantine(release, record)}; ${waysOutOfQuarantine(namespace, release)}`);
}
