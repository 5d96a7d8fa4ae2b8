import { findRelease, GATEWAY } from '../../../alerts/rollback/release-of.ts';
import { OF_ANNOTATION, UNTIL_ANNOTATION } from '../../../alerts/rollback/cluster/facts-of.ts';
import { HASH_LABEL } from '../../../alerts/rollback/cluster/template.ts';
import { COMPANIONS, type Release } from '../../../alerts/rollback/index.ts';
import type { LiveObject } from '../../cluster/index.ts';
import { plain } from '../../plain.ts';
import type { Place } from './place.ts';

/** One ReplicaSet of the gateway that can be gone back to, or that runs. */
export type Revision = {
  readonly hash: string;
  /** What kubectl counts; another one after each rollback. */
  readonly number: number;
  readonly release?: Release;
  readonly version: string;
  readonly ready: number;
  readonly hasConfiguration: boolean;
};

/** A pod that the guard keeps beside those of the Deployment. */
export type Companion = { readonly of: string; readonly ready: number; readonly until?: string };

/** What runs of a gateway. */
export type Running = {
  /** Absent: there is none. */
  readonly gateway?: {
    /** Of the template that is wanted; absent: its ReplicaSet is not made yet. */
    readonly hash?: string;
    readonly wanted: number;
    readonly ready: number;
    readonly isPaused: boolean;
  };
  /** The newest first. */
  readonly revisions: readonly Revision[];
  readonly baseline?: Companion;
  readonly withdrawn?: Companion;
};

const APPS = 'apps/v1';
const NUMBER = 'deployment.kubernetes.io/revision';
const VERSION = 'app.kubernetes.io/version';

/** Reads it. Throws a ClusterError when the cluster cannot be read. */
export async function readRunning({ reader, namespace }: Place): Promise<Running> {
  const list = async (apiVersion: string, kind: string): Promise<readonly LiveObject[]> =>
    (await reader.list({ apiVersion, kind }, namespace)) ?? [];
  const [deployments, sets, configMaps] = await Promise.all([
    list(APPS, 'Deployment'),
    list(APPS, 'ReplicaSet'),
    list('v1', 'ConfigMap'),
  ]);
  const named = (name: string): LiveObject | undefined => deployments.find(({ metadata }) => metadata.name === name);
  const there = new Set(configMaps.map(({ metadata }) => metadata.name));
  const revisions = sets
    .filter(({ metadata }) => (metadata.ownerReferences ?? []).some(({ name }) => name === GATEWAY))
    .map((set) => revisionOf(set, there))
    .toSorted((one, other) => other.number - one.number);
  const gateway = named(GATEWAY);
  const [baseline, withdrawn] = [companionOf(named(COMPANIONS.baseline)), companionOf(named(COMPANIONS.withdrawn))];
  return {
    ...(gateway && { gateway: gatewayOf(gateway, revisions) }),
    revisions,
    ...(baseline && { baseline }),
    ...(withdrawn && { withdrawn }),
  };
}

type Status = { readonly readyReplicas?: number };

function gatewayOf(gateway: LiveObject, revisions: readonly Revision[]): NonNullable<Running['gateway']> {
  const { replicas = 1, paused = false } = gateway.spec as { readonly replicas?: number; readonly paused?: boolean };
  const current = revisions.find(({ number }) => number === numberOf(gateway));
  return { ...(current && { hash: current.hash }), wanted: replicas, ready: readyOf(gateway), isPaused: paused };
}

function revisionOf(set: LiveObject, there: ReadonlySet<string>): Revision {
  const release = findRelease(set);
  const { metadata, spec } = (set.spec as Template).template;
  const names = (spec?.volumes ?? []).flatMap(({ configMap }) =>
    configMap?.name === undefined ? [] : [configMap.name],
  );
  return {
    hash: plain(set.metadata.labels?.[HASH_LABEL] ?? ''),
    number: numberOf(set),
    ...(release && { release }),
    version: plain(metadata?.labels?.[VERSION] ?? 'unknown'),
    ready: readyOf(set),
    hasConfiguration: names.every((name) => there.has(name)),
  };
}

type Template = {
  readonly template: {
    readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
    readonly spec?: { readonly volumes?: readonly { readonly configMap?: { readonly name: string } }[] };
  };
};

function companionOf(deployment: LiveObject | undefined): Companion | undefined {
  if (!deployment) return undefined;
  const { annotations = {} } = deployment.metadata;
  const until = annotations[UNTIL_ANNOTATION];
  const of = plain(annotations[OF_ANNOTATION] ?? 'unknown');
  return { of, ready: readyOf(deployment), ...(until !== undefined && { until: plain(until) }) };
}

function numberOf({ metadata }: LiveObject): number {
  return Number(metadata.annotations?.[NUMBER] ?? 0);
}

function readyOf({ status }: LiveObject): number {
  return (status as Status | undefined)?.readyReplicas ?? 0;
}
