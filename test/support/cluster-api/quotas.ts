import type { LiveObject } from '../../../alerts/rollback/cluster/live-object.ts';
import { addAmounts, canonicalResource, needOfPod, type Amounts } from '../../../alerts/rollback/cluster/pod-need.ts';
import { templateOf } from '../../../alerts/rollback/cluster/template.ts';
import type { Objects } from './objects.ts';

/** Reports what the pods of all ReplicaSets take of the quotas. Nothing is refused for it. */
export function reportQuotas(objects: Objects, apps: string, core: string): void {
  const used = objects.below(`${apps}/replicasets`).map(needOf).reduce(addAmounts, {});
  for (const quota of objects.below(`${core}/resourcequotas`)) {
    const { hard = {} } = quota.spec as { readonly hard?: Readonly<Record<string, string>> };
    const taken = Object.keys(hard).map((resource) => [resource, `${used[canonicalResource(resource)] ?? 0}`]);
    const status = { hard, used: Object.fromEntries(taken) as unknown };
    objects.update(`${core}/resourcequotas/${quota.metadata.name}`, { ...quota, status }, 'kube-controller-manager');
  }
}

function needOf(set: LiveObject): Amounts {
  const { replicas = 1 } = set.spec as { readonly replicas?: number };
  return Object.fromEntries(
    Object.entries(needOfPod(templateOf(set))).map(([name, amount]) => [name, amount * replicas]),
  );
}
