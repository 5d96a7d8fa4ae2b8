import type { KubernetesObject } from '../../synth/index.ts';
import type { LiveObject, ObjectKind } from '../api-reader.ts';
import { ownerOf, sameOwner } from '../owner.ts';
import type { Candidate, Obstacle } from './precondition.ts';

/** Kinds that show that somebody works in a namespace which nobody has claimed. */
const WORKLOADS: readonly ObjectKind[] = [
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
];

const OF_THE_CLUSTER = /^(default|kube-.*)$/;
const FIX = 'name another one with --set namespace=NAME';

/** The namespace is new, ours, or nobody's: what is deployed to it is deleted with it. */
export async function owner({ objects, namespace, reader }: Candidate): Promise<readonly Obstacle[]> {
  const wanted = objects.find(({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespace);
  if (OF_THE_CLUSTER.test(namespace)) {
    return [{ problem: `the namespace '${namespace}' is the cluster's own`, fix: FIX }];
  }
  const live = await reader.find({ apiVersion: 'v1', kind: 'Namespace' }, undefined, namespace);
  if (!live || !wanted) return [];
  if ((live.status as { readonly phase?: string } | undefined)?.phase === 'Terminating') {
    return [{ problem: `the namespace '${namespace}' is being deleted`, fix: `wait until it is gone, or ${FIX}` }];
  }
  if (sameOwner(live, wanted)) return [];
  const claimed = ownerOf(live);
  if (claimed !== undefined) {
    return [
      { problem: `the namespace '${namespace}' belongs to ${claimed}, not to ${ownerOf(wanted) ?? ''}`, fix: FIX },
    ];
  }
  const strangers = (await Promise.all(WORKLOADS.map((kind) => reader.list(kind, namespace))))
    .flatMap((list) => list ?? [])
    .filter((object) => !sameOwner(object, wanted));
  if (strangers.length === 0) return [];
  const names = strangers.map(named).join(', ');
  return [{ problem: `the namespace '${namespace}' is not ours and has ${names} of somebody else`, fix: FIX }];
}

function named({ kind, metadata }: KubernetesObject | LiveObject): string {
  return `${kind} ${metadata.name}`;
}
