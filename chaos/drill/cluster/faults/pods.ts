import type { Component } from '../../../experiment.ts';
import type { LiveObject } from '../kubernetes.ts';
import type { Place } from '../place.ts';

/** What picks the pods of a component's own workload, and none that the guard keeps beside it. */
export function componentLabels(component: Component): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': component, 'app.kubernetes.io/instance': component };
}

/** Pods of a component that are not on their way out, by their names. */
export async function podsOf(place: Place, component: Component): Promise<readonly LiveObject[]> {
  const pods = await place.list('Pod', componentLabels(component));
  return pods
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

type PodFields = {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
};

/** Whether a pod takes requests. */
export function isReady(pod: LiveObject): boolean {
  const { conditions = [] } = (pod as PodFields).status ?? {};
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** Where a pod runs. */
export function nodeOf(pod: LiveObject): string | undefined {
  return (pod as PodFields).spec?.nodeName;
}

/** The address of a pod, as a URL has it. */
export function addressOf(pod: LiveObject): string | undefined {
  const { podIP } = (pod as PodFields).status ?? {};
  return podIP?.includes(':') === true ? `[${podIP}]` : podIP;
}

/** How far a pod is that does its work and ends. */
export function phaseOf(pod: LiveObject): string {
  return (pod as PodFields).status?.phase ?? 'Pending';
}
