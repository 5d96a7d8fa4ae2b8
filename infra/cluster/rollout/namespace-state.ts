import type { ApiReader, LiveObject } from '../api-reader.ts';

/** What runs in a namespace, as far as a rollout depends on it. */
export type NamespaceState = {
  readonly workloads: readonly LiveObject[];
  readonly replicaSets: readonly LiveObject[];
  readonly pods: readonly LiveObject[];
  readonly events: readonly LiveObject[];
};

const APPS = 'apps/v1';

/** Reads a namespace once. Throws a ClusterError when it cannot be read. */
export async function readNamespace(reader: ApiReader, namespace: string): Promise<NamespaceState> {
  const list = async (apiVersion: string, kind: string): Promise<readonly LiveObject[]> =>
    (await reader.list({ apiVersion, kind }, namespace)) ?? [];
  const [deployments, statefulSets, replicaSets, pods, events] = await Promise.all([
    list(APPS, 'Deployment'),
    list(APPS, 'StatefulSet'),
    list(APPS, 'ReplicaSet'),
    list('v1', 'Pod'),
    list('v1', 'Event'),
  ]);
  return { workloads: [...deployments, ...statefulSets], replicaSets, pods, events };
}
