import type { KubernetesObject } from '../../infra/synth/index.ts';
import type { ApiServerState } from './api-server.ts';

/** Kinds that start pods and keep them. */
export const STARTED: readonly string[] = ['Deployment', 'StatefulSet'];

/** A cluster that has all that a deploy needs, where the workloads of an environment run and its Secrets are. */
export function deployedCluster(
  manifests: readonly KubernetesObject[],
  secrets: readonly KubernetesObject[],
): ApiServerState {
  const own = manifests.map(
    ({ apiVersion, kind, metadata }) => `${apiVersion} ${kind}${metadata.namespace === undefined ? '*' : ''}`,
  );
  const others = ['v1 Secret', 'v1 Pod', 'v1 Event', 'v1 ResourceQuota', 'apps/v1 ReplicaSet', 'apps/v1 StatefulSet'];
  return {
    version: 'v1.34.1',
    kinds: [...new Set([...own, ...others, 'storage.k8s.io/v1 StorageClass*', 'metrics.k8s.io/v1beta1 PodMetrics'])],
    objects: [storageClass(), ...secrets, ...running(manifests)],
    allows: () => true,
    forbidden: undefined,
  };
}

/** Every workload of an environment, rolled out to all of its pods or to as many as given. */
export function running(manifests: readonly KubernetesObject[], available?: number): readonly KubernetesObject[] {
  return manifests
    .filter(({ kind }) => STARTED.includes(kind))
    .map((object) => {
      const { replicas = 1 } = object.spec as { readonly replicas?: number };
      const availableReplicas = available ?? replicas;
      return { ...object, status: { replicas, updatedReplicas: replicas, availableReplicas } };
    });
}

/** The default storage class. */
export function storageClass(): KubernetesObject {
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  return { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'standard', annotations } };
}
