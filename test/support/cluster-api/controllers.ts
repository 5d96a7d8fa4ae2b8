import { createHash } from 'node:crypto';
import type { LiveObject } from '../../../alerts/rollback/cluster/live-object.ts';
import { currentSet, HASH_LABEL, templateOf } from '../../../alerts/rollback/cluster/template.ts';
import type { Objects } from './objects.ts';
import { reportQuotas } from './quotas.ts';

/** An image that no node can have: its pods wait for ever. */
export const GONE_IMAGE = 'localhost:1/gone:1.0.0';

const REVISION = 'deployment.kubernetes.io/revision';
const CONTROLLER = 'kube-controller-manager';
const HISTORY = 10;

type Spec = { readonly replicas?: number; readonly paused?: boolean; readonly revisionHistoryLimit?: number };

/**
 * Does what the controllers of a cluster do for its Deployments: a ReplicaSet for each template, an equal one used again
 * under the next number, the history trimmed. Pods are Ready at once, but those whose image is gone.
 */
export function runControllers(objects: Objects, apps: string, core: string): void {
  for (const deployment of objects.below(`${apps}/deployments`)) control(deployment, objects, apps, core);
  reportQuotas(objects, apps, core);
}

function control(deployment: LiveObject, objects: Objects, apps: string, core: string): void {
  const { replicas = 1, paused = false, revisionHistoryLimit = HISTORY } = deployment.spec as Spec;
  const owned = () => objects.below(`${apps}/replicasets`).filter((set) => isOwned(set, deployment));
  if (!paused && !currentSet(deployment, owned())) createSet(deployment, objects, apps);
  const current = currentSet(deployment, owned());
  const starts = current ? !JSON.stringify(templateOf(current)).includes(GONE_IMAGE) : false;
  if (!paused && current) {
    const highest = Math.max(0, ...owned().map(numberOf));
    const next = numberOf(current) === highest && highest > 0 ? highest : highest + 1;
    for (const set of owned()) {
      const isCurrent = set.metadata.name === current.metadata.name;
      // Until the new pods are Ready, all but none of the old ones stay.
      const wanted = isCurrent ? (starts ? replicas : 1) : starts ? 0 : Math.min(replicas, scaleOf(set));
      const annotations = { ...set.metadata.annotations, ...(isCurrent && { [REVISION]: `${next}` }) };
      const ready = isCurrent && !starts ? 0 : wanted;
      const metadata = { ...set.metadata, annotations };
      const spec = { ...(set.spec as object), replicas: wanted };
      objects.update(pathOf(set, apps), { ...set, metadata, spec, status: { readyReplicas: ready } }, CONTROLLER);
    }
    if (!starts) waitingPod(current, objects, core);
    const old = owned().filter((set) => scaleOf(set) === 0 && set.metadata.name !== current.metadata.name);
    const trimmed = old.toSorted((a, b) => numberOf(b) - numberOf(a)).slice(revisionHistoryLimit);
    for (const set of trimmed) objects.remove(pathOf(set, apps));
  }
  report(deployment, starts, owned(), objects, apps);
}

function createSet(deployment: LiveObject, objects: Objects, apps: string): void {
  const template = templateOf(deployment);
  const hash = createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 10);
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  const { apiVersion, kind, metadata } = deployment;
  const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true };
  const set: LiveObject = {
    apiVersion,
    kind: 'ReplicaSet',
    metadata: { name: `${metadata.name}-${hash}`, labels, ownerReferences: [owner] },
    spec: { replicas: 0, template: { ...template, metadata: { ...template.metadata, labels } } },
  };
  objects.create(pathOf(set, apps), set, CONTROLLER);
}

function waitingPod(set: LiveObject, objects: Objects, core: string): void {
  const path = `${core}/pods/${set.metadata.name}-waits`;
  if (objects.find(path)) return;
  const { apiVersion, kind, metadata } = set;
  const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true };
  const state = { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${metadata.name}-waits`, labels: metadata.labels ?? {}, ownerReferences: [owner] },
    status: { containerStatuses: [{ name: 'gateway', image: GONE_IMAGE, restartCount: 0, state }] },
  };
  objects.create(path, pod, CONTROLLER);
}

function report(
  deployment: LiveObject,
  starts: boolean,
  sets: readonly LiveObject[],
  objects: Objects,
  apps: string,
): void {
  const current = currentSet(deployment, sets);
  const replicas = sets.map(scaleOf).reduce((a, b) => a + b, 0);
  const updated = current ? scaleOf(current) : 0;
  const available = starts ? updated : replicas - updated;
  const status = {
    observedGeneration: deployment.metadata.generation,
    replicas,
    updatedReplicas: updated,
    availableReplicas: available,
    readyReplicas: available,
  };
  objects.update(`${apps}/deployments/${deployment.metadata.name}`, { ...deployment, status }, CONTROLLER);
}

function isOwned({ metadata }: LiveObject, owner: LiveObject): boolean {
  return metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid) ?? false;
}

function scaleOf({ spec }: LiveObject): number {
  return (spec as Spec).replicas ?? 1;
}

function numberOf({ metadata }: LiveObject): number {
  return Number(metadata.annotations?.[REVISION] ?? 0);
}

function pathOf(set: LiveObject, apps: string): string {
  return `${apps}/replicasets/${set.metadata.name}`;
}
