import { checkedSynthesis } from '../../checked-synthesis.ts';
import type { LiveObjects } from '../../cluster/index.ts';
import { findCommit, type KubernetesObject } from '../../synth/index.ts';
import { asUsage } from '../errors.ts';
import type { Desk } from './desk.ts';
import type { ClusterOptions } from './options.ts';
import { findCluster, readStackedService } from './stack.ts';

/** The objects of an environment, and what its cluster has of them. */
export type Beside = { readonly objects: readonly KubernetesObject[]; readonly live: LiveObjects };

/** Synthesizes an environment and reads what runs of it. Throws a ClusterError when the cluster cannot be read. */
export async function readCluster(options: ClusterOptions, desk: Pick<Desk, 'deployer'>): Promise<Beside> {
  const { service, file } = readStackedService(options);
  const commit = asUsage('environment', () => findCommit());
  const objects = checkedSynthesis(service, commit).manifests;
  const findDeployer = () => desk.deployer({ install: options.installCli ?? false });
  const config = await findCluster(options, file, findDeployer);
  // Imported here: the client is large, and the commands that need no cluster start without it.
  const { apiReader, readLiveObjects } = await import('../../cluster/index.ts');
  return { objects, live: await readLiveObjects(apiReader(config), objects) };
}
