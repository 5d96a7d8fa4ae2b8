import type { Service } from '../../service/definition/index.ts';
import type { KubeconfigChoice, LiveObjects } from '../cluster/index.ts';
import { checkedSynthesis } from '../checked-synthesis.ts';
import { findCommit, type KubernetesObject } from '../synth/index.ts';
import { asUsage } from './errors.ts';

/** The objects of an environment, and what the cluster of the kubeconfig has of them. */
export type Beside = { readonly objects: readonly KubernetesObject[]; readonly live: LiveObjects };

/** Synthesizes an environment and reads what runs of it. Throws a ClusterError when the cluster cannot be read. */
export async function readCluster(service: Service, choice: KubeconfigChoice = {}): Promise<Beside> {
  const commit = asUsage('environment', () => findCommit());
  const objects = checkedSynthesis(service, commit).manifests;
  // Imported here: the client is large, and the commands that need no cluster start without it.
  const { apiReader, loadKubeconfig, readLiveObjects } = await import('../cluster/index.ts');
  return { objects, live: await readLiveObjects(apiReader(loadKubeconfig(process.env, undefined, choice)), objects) };
}
