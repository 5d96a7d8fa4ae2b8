import type { KubernetesObject } from './object.ts';

/** Kinds that others need, in the order in which they must exist; what is not listed comes after all of them. */
const FIRST = [
  ...['Namespace', 'ResourceQuota', 'LimitRange', 'ServiceAccount', 'Role', 'RoleBinding', 'NetworkPolicy'],
  ...['ConfigMap', 'Secret', 'Service'],
];

/** Kinds that refer to workloads. */
const LAST = ['PodDisruptionBudget', 'HorizontalPodAutoscaler'];

/** The objects, each after those that it needs, and otherwise by kind, namespace and name. */
export function inOrder(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const keyed = objects.map((object) => ({ object, key: `${rank(object)} ${objectKey(object)}` }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ object }) => object);
}

/** What tells an object from every other one on a cluster. */
export function objectKey({ apiVersion, kind, metadata }: KubernetesObject): string {
  const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0] ?? ''}` : '';
  return `${kind}${group} ${metadata.namespace ?? ''}/${metadata.name}`;
}

function rank({ kind }: KubernetesObject): number {
  const first = FIRST.indexOf(kind);
  if (first >= 0) return 100 + first;
  const last = LAST.indexOf(kind);
  return last < 0 ? 200 : 300 + last;
}
