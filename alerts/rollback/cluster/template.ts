import { isDeepStrictEqual } from 'node:util';
import type { LiveObject } from './live-object.ts';
import type { PodTemplate } from './pod-need.ts';

/** The label that names a revision, on its ReplicaSet and pods; Prometheus writes it with `_`. */
export const HASH_LABEL = 'pod-template-hash';

/** A template of pods as the server sent it: a field that is dropped on the way makes another revision. */
export type Template = PodTemplate & {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
};

/** The template of a workload. */
export function templateOf({ spec }: LiveObject): Template {
  return (spec as { readonly template: Template }).template;
}

/** The hash of a ReplicaSet; undefined when it has none. */
export function hashOf({ metadata }: LiveObject): string | undefined {
  return metadata.labels?.[HASH_LABEL];
}

/** A ReplicaSet's template as its Deployment had it: with the label too, it would be another one. */
export function templateWithoutHash(object: LiveObject): Template {
  const template = templateOf(object);
  const { [HASH_LABEL]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

/**
 * The ReplicaSet that runs what a Deployment wants; undefined when it is not made yet. As the controller finds it: of
 * several with an equal template the oldest.
 */
export function currentSet(deployment: LiveObject, sets: readonly LiveObject[]): LiveObject | undefined {
  const wanted = comparable(deployment);
  return sets.filter((set) => isDeepStrictEqual(comparable(set), wanted)).toSorted(byAge)[0];
}

/** Some servers write a field that is not set as null, others leave it out. */
function comparable(object: LiveObject): unknown {
  const text = JSON.stringify(templateWithoutHash(object), (_key, value: unknown) => value ?? undefined);
  return JSON.parse(text);
}

function byAge(one: LiveObject, other: LiveObject): number {
  const [a = '', b = ''] = [one, other].map(({ metadata }) => `${metadata.creationTimestamp} ${metadata.name}`);
  return a < b ? -1 : 1;
}
