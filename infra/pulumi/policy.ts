import type { CustomResourceOptions } from '@pulumi/pulumi';
import { toSeconds, type Duration } from '../../service/definition/index.ts';
// Not by the folder's index: the platform's program has no use for the charts of a service.
import { WAVE_ANNOTATION } from '../charts/objects/waves.ts';
import type { KubernetesObject } from '../synth/index.ts';

type KindPolicy = {
  /** `foundation`: pods need it, or it must bind them from their first moment. `jobs`, `pods`: start pods. */
  readonly stage: 'namespace' | 'foundation' | 'jobs' | 'pods' | 'rest';
  /** Whether Pulumi waits until it is ready; the rest is done once the API server has it. */
  readonly awaited?: true;
};

const REST: KindPolicy = { stage: 'rest' };

// A Service is awaited until it has endpoints, and a claim until a pod uses it: before the pods both would wait in vain.
const KINDS: Readonly<Record<string, KindPolicy>> = {
  Namespace: { stage: 'namespace' },
  ConfigMap: { stage: 'foundation' },
  LimitRange: { stage: 'foundation' },
  NetworkPolicy: { stage: 'foundation' },
  ResourceQuota: { stage: 'foundation' },
  Role: { stage: 'foundation' },
  RoleBinding: { stage: 'foundation' },
  Secret: { stage: 'foundation' },
  ServiceAccount: { stage: 'foundation' },
  Job: { stage: 'jobs', awaited: true },
  CronJob: { stage: 'pods' },
  Deployment: { stage: 'pods', awaited: true },
  StatefulSet: { stage: 'pods', awaited: true },
  Ingress: { stage: 'rest', awaited: true },
  PersistentVolumeClaim: { stage: 'rest', awaited: true },
  Service: { stage: 'rest', awaited: true },
};

const STAGES: readonly KindPolicy['stage'][] = ['namespace', 'foundation', 'jobs', 'pods', 'rest'];

/** The objects, each after every one that it needs; otherwise in the order given. */
export function inStages(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  return STAGES.flatMap((stage) => objects.filter((object) => policyOf(object).stage === stage));
}

/** Whether one object must be there before the other: no more than this is waited for, the rest goes in parallel. */
export function needs(object: KubernetesObject, other: KubernetesObject): boolean {
  if (other.kind === 'Namespace') return other.metadata.name === object.metadata.namespace;
  if (other.metadata.namespace !== object.metadata.namespace) return false;
  // A Job is done once it is there; its pods retry until what they need is, which starts beside it.
  if (other.kind === 'Job') return waveOf(object) > waveOf(other);
  const { stage } = policyOf(object);
  return (stage === 'jobs' || stage === 'pods') && policyOf(other).stage === 'foundation';
}

/** What Pulumi is told about an object beside the object: how long to wait, and which fields others own. */
export function resourceOptions(
  object: KubernetesObject,
  all: readonly KubernetesObject[],
  deployAwait: Duration,
): CustomResourceOptions {
  const timeout = `${toSeconds(deployAwait)}s`;
  const owned = fieldsOfOthers(object, all);
  return {
    ...(policyOf(object).awaited && { customTimeouts: { create: timeout, update: timeout } }),
    // A refresh brings what others set into the state, and the next update must not take it back.
    ...(owned.length > 0 && { ignoreChanges: [...owned] }),
    // ReplicaSets of earlier releases still name theirs, and a rollback starts their pods; and what a program keeps is
    // not made again by whoever applies it empty. They go with their namespace.
    ...((isConfiguration(object) || isRecord(object)) && { retainOnDelete: true }),
  };
}

/**
 * The object, not awaited by Pulumi where somebody else follows its pods and tells why they do not get Ready. A Job is
 * awaited all the same: what comes after it needs it done.
 */
export function unawaited(object: KubernetesObject): KubernetesObject {
  if (!policyOf(object).awaited || object.kind === 'Job') return object;
  const { metadata } = object;
  const annotations = { ...metadata.annotations, 'pulumi.com/skipAwait': 'true' };
  return { ...object, metadata: { ...metadata, annotations } };
}

/**
 * Paths of an object's fields that others rightly set: the autoscaler owns the number of pods, and a record that is
 * applied empty belongs to the program that fills it.
 */
export function fieldsOfOthers(object: KubernetesObject, all: readonly KubernetesObject[]): readonly string[] {
  const content = contentOf(object);
  if (content !== undefined) return [content];
  return all.some((other) => scales(other, object)) ? ['spec.replicas'] : [];
}

/** Where the content of kinds is that are applied without any, so that a program fills them. */
const CONTENTS: Readonly<Partial<Record<string, 'data' | 'spec'>>> = { ConfigMap: 'data', Lease: 'spec' };

/** The field that a program fills; undefined for an object that has its content from whoever applies it. */
function contentOf(object: KubernetesObject): 'data' | 'spec' | undefined {
  const content = CONTENTS[object.kind];
  return content !== undefined && object[content] === undefined ? content : undefined;
}

function isRecord(object: KubernetesObject): boolean {
  return contentOf(object) !== undefined;
}

function isConfiguration({ kind, immutable }: KubernetesObject): boolean {
  return kind === 'ConfigMap' && immutable === true;
}

/** When Argo CD applies it: the one order for both. */
function waveOf({ metadata }: KubernetesObject): number {
  return Number(metadata.annotations?.[WAVE_ANNOTATION] ?? 0);
}

function policyOf({ kind }: KubernetesObject): KindPolicy {
  return KINDS[kind] ?? REST;
}

function scales(scaler: KubernetesObject, object: KubernetesObject): boolean {
  if (scaler.kind !== 'HorizontalPodAutoscaler' || scaler.metadata.namespace !== object.metadata.namespace)
    return false;
  const { scaleTargetRef } = scaler.spec as {
    readonly scaleTargetRef: { readonly kind: string; readonly name: string };
  };
  return scaleTargetRef.kind === object.kind && scaleTargetRef.name === object.metadata.name;
}
