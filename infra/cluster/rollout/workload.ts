import { HASH_LABEL } from '../../../alerts/rollback/cluster/template.ts';
import { fieldDifferences } from '../../diff/index.ts';
import type { KubernetesObject } from '../../synth/index.ts';
import type { LiveObject } from '../api-reader.ts';
import { lastWriter } from '../managed-fields.ts';
import type { NamespaceState } from './namespace-state.ts';
import { troubleOf, type Trouble } from '../../../alerts/rollback/cluster/pod-trouble.ts';

/** Where the rollout of one workload stands. */
export type Standing =
  | { readonly state: 'ready' }
  | {
      readonly state: 'rolling';
      readonly ready: number;
      readonly wanted: number;
      readonly troubles: readonly Trouble[];
    }
  /** Another template is in place: somebody took this one back. */
  | { readonly state: 'withdrawn'; readonly by: string }
  /** Waiting cannot mend it. */
  | { readonly state: 'stuck'; readonly trouble: Trouble; readonly pod?: string };

const HASH_LABELS = { Deployment: HASH_LABEL, StatefulSet: 'controller-revision-hash' } as const;

/** Judges a Deployment or StatefulSet by what runs of its own template. */
export function judgeWorkload(object: KubernetesObject, state: NamespaceState): Standing {
  const live = state.workloads.find(
    ({ kind, metadata }) => kind === object.kind && metadata.name === object.metadata.name,
  );
  if (!live) return { state: 'withdrawn', by: 'somebody who deleted it' };
  if (!hasTemplateOf(object, live)) {
    const writer = lastWriter(live);
    return {
      state: 'withdrawn',
      by: writer ? `${writer.name}${writer.time === undefined ? '' : ` at ${writer.time}`}` : 'somebody',
    };
  }
  const progress = progressOf(live);
  if (progress.isDone) return { state: 'ready' };
  const pods = podsOf(object, live, state);
  const troubles = pods.flatMap((pod) => {
    const trouble = troubleOf(pod, state.events);
    return trouble ? [{ trouble, pod: pod.metadata.name }] : [];
  });
  const final = troubles.find(({ trouble }) => trouble.isFinal);
  if (final) return { state: 'stuck', ...final };
  const refusal = refusalOf(live);
  if (refusal) return { state: 'stuck', trouble: { problem: refusal, isFinal: true } };
  return { state: 'rolling', ...progress, troubles: troubles.map(({ trouble }) => trouble) };
}

/** Pods of other templates that still take requests. */
export function servingOtherwise(object: KubernetesObject, { replicaSets }: NamespaceState): number {
  return replicaSets
    .filter((set) => belongsTo(set, object.metadata.name) && !hasTemplateOf(object, set))
    .reduce((sum, { status }) => sum + ((status as Status | undefined)?.readyReplicas ?? 0), 0);
}

type Status = {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly updateRevision?: string;
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
  }[];
};

type Metadata = LiveObject['metadata'] & {
  readonly generation?: number;
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
};

function progressOf(live: LiveObject): { readonly isDone: boolean; readonly ready: number; readonly wanted: number } {
  const wanted = (live.spec as { readonly replicas?: number }).replicas ?? 1;
  const {
    observedGeneration = 0,
    replicas = 0,
    updatedReplicas = 0,
    availableReplicas = 0,
  } = (live.status ?? {}) as Status;
  const isSeen = observedGeneration >= ((live.metadata as Metadata).generation ?? 0);
  const ready = isSeen ? Math.min(updatedReplicas, availableReplicas) : 0;
  return { isDone: isSeen && ready >= wanted && replicas === updatedReplicas, ready, wanted };
}

/** What the controller says of pods that it may not make, or of a rollout that stands still. */
function refusalOf({ kind, metadata, status }: LiveObject): string | undefined {
  const { conditions = [] } = (status ?? {}) as Status;
  const failed = conditions.find(({ type, status: is }) => type === 'ReplicaFailure' && is === 'True');
  if (failed) return `${kind} ${metadata.name}: its pods are refused (${failed.message ?? ''})`;
  const stands = conditions.find(({ reason }) => reason === 'ProgressDeadlineExceeded');
  return stands && `${kind} ${metadata.name}: no progress within its deadline (${stands.message ?? ''})`;
}

/** Pods of the newest template, which is ours. */
function podsOf(
  object: KubernetesObject,
  live: LiveObject,
  { replicaSets, pods }: NamespaceState,
): readonly LiveObject[] {
  const label = HASH_LABELS[object.kind as keyof typeof HASH_LABELS];
  const hashes =
    object.kind === 'StatefulSet'
      ? [((live.status ?? {}) as Status).updateRevision]
      : replicaSets
          .filter((set) => belongsTo(set, object.metadata.name) && hasTemplateOf(object, set))
          .map(({ metadata }) => metadata.labels?.[label]);
  return pods.filter(({ metadata }) => {
    const hash = metadata.labels?.[label];
    return hash !== undefined && hashes.includes(hash) && !('deletionTimestamp' in metadata);
  });
}

function belongsTo({ metadata }: LiveObject, name: string): boolean {
  const { ownerReferences = [] } = metadata as Metadata;
  return ownerReferences.some((owner) => owner.kind === 'Deployment' && owner.name === name);
}

function hasTemplateOf(object: KubernetesObject, live: LiveObject): boolean {
  const template = ({ spec }: KubernetesObject): unknown => (spec as { readonly template: unknown }).template;
  return fieldDifferences(template(object), template(live), 'left').length === 0;
}
