import type { Companion, Facts, Pace, RunningRevision } from '../facts.ts';
import { findRelease, SAFE_FROM_ANNOTATION } from '../release-of.ts';
import { configurationsOf } from './configurations.ts';
import type { LiveObject } from './live-object.ts';
import { templateWriter } from './managed-fields.ts';
import { troubleOf } from './pod-trouble.ts';
import type { KeptPod, Reading } from './reading.ts';
import { roomFor } from './room.ts';
import { currentSet, HASH_LABEL, hashOf, templateOf } from './template.ts';

/** On a companion: the revision that it runs. */
export const OF_ANNOTATION = 'sluice/of';

/** On a companion: until when it is kept, as an ISO 8601 time. */
export const UNTIL_ANNOTATION = 'sluice/until';

const VERSION_LABEL = 'app.kubernetes.io/version';
const REVISION_ANNOTATION = 'deployment.kubernetes.io/revision';
const ANY_VERSION = '0.0.0';

type DeploymentSpec = {
  readonly replicas?: number;
  readonly paused?: boolean;
  readonly minReadySeconds?: number;
  readonly strategy?: { readonly rollingUpdate?: { readonly maxSurge?: number | string } };
};

type DeploymentStatus = Readonly<
  Partial<Record<'observedGeneration' | 'replicas' | 'updatedReplicas' | 'availableReplicas' | 'readyReplicas', number>>
>;

/** What a reading says; `now` is when it was read, by the guard's clock. */
export function factsOf(reading: Reading, now: number): Facts {
  const { deployment, replicaSets, companions, configMaps, quarantined, quotas } = reading;
  const room = roomFor(templateOf(deployment), quotas);
  const [baseline, withdrawn] = [companionOf(companions.baseline), companionOf(companions.withdrawn)];
  return {
    now,
    gateway: gatewayOf(deployment, replicaSets),
    revisions: replicaSets
      .toSorted((a, b) => revisionNumber(b) - revisionNumber(a))
      .map((set) => revisionOf(set, reading)),
    ...(baseline && { baseline }),
    ...(withdrawn && { withdrawn }),
    quarantined,
    ...(room !== undefined && { room }),
    withoutConfiguration: replicaSets
      .filter((set) => !hasConfiguration(set, configMaps))
      .map((set) => hashOf(set) ?? ''),
  };
}

/** What a Deployment of the gateway says, beside its ReplicaSets. */
export function gatewayOf(deployment: LiveObject, sets: readonly LiveObject[]): NonNullable<Facts['gateway']> {
  const { replicas = 1, paused = false } = deployment.spec as DeploymentSpec;
  const set = currentSet(deployment, sets);
  const hash = set && hashOf(set);
  const writer = templateWriter(deployment);
  return {
    ...(hash !== undefined && { hash }),
    paused,
    replicas,
    pace: paceOf(deployment),
    isComplete: isComplete(deployment),
    ...(writer && { writer: writer.name }),
  };
}

/** What a Deployment's rollouts keep to. Where the surge is a share, it is that of the pods that are wanted now. */
export function paceOf({ spec }: LiveObject): Pace {
  const { replicas = 1, minReadySeconds = 0, strategy } = spec as DeploymentSpec;
  const surge = strategy?.rollingUpdate?.maxSurge ?? 0;
  return {
    surge: typeof surge === 'number' ? surge : Math.ceil((Number.parseInt(surge, 10) / 100) * replicas),
    minReadySeconds,
  };
}

/** As `kubectl rollout status` sees it. */
function isComplete({ metadata, spec, status }: LiveObject): boolean {
  const { replicas: wanted = 1 } = spec as DeploymentSpec;
  const {
    observedGeneration = 0,
    replicas = 0,
    updatedReplicas = 0,
    availableReplicas = 0,
  } = (status ?? {}) as DeploymentStatus;
  const isSeen = observedGeneration >= (metadata.generation ?? 0);
  return isSeen && updatedReplicas === wanted && replicas === wanted && availableReplicas === wanted;
}

function revisionOf(set: LiveObject, { pods }: Reading): RunningRevision {
  const { labels = {}, annotations = {} } = templateOf(set).metadata ?? {};
  const hash = hashOf(set) ?? '';
  const trouble = pods
    .filter(({ metadata }) => metadata.labels?.[HASH_LABEL] === hash && metadata.deletionTimestamp === undefined)
    .map((pod) => troubleOf(pod, []))
    .find((each) => each?.isFinal);
  return {
    hash,
    // What names no configuration is none of our manifests; its hash tells it apart all the same.
    release: findRelease(set) ?? { id: hash, image: '', configuration: '' },
    version: labels[VERSION_LABEL] ?? ANY_VERSION,
    safeFrom: annotations[SAFE_FROM_ANNOTATION] ?? ANY_VERSION,
    wanted: (set.spec as DeploymentSpec).replicas ?? 1,
    ready: readyOf(set),
    ...(trouble && { trouble: trouble.problem }),
  };
}

function companionOf(kept: KeptPod | undefined): Companion | undefined {
  if (!kept) return undefined;
  const { deployment, replicaSet } = kept;
  const { [OF_ANNOTATION]: of = '', [UNTIL_ANNOTATION]: until } = deployment.metadata.annotations ?? {};
  const hash = replicaSet && hashOf(replicaSet);
  return {
    of,
    ...(hash !== undefined && { hash }),
    ready: readyOf(deployment),
    ...(until !== undefined && { until: Date.parse(until) }),
  };
}

function hasConfiguration(set: LiveObject, names: ReadonlySet<string>): boolean {
  return configurationsOf(set).every((name) => names.has(name));
}

function readyOf({ status }: LiveObject): number {
  return ((status ?? {}) as DeploymentStatus).readyReplicas ?? 0;
}

function revisionNumber({ metadata }: LiveObject): number {
  return Number(metadata.annotations?.[REVISION_ANNOTATION] ?? 0);
}
