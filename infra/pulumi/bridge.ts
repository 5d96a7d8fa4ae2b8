import type { CustomResource, CustomResourceOptions, Resource } from '@pulumi/pulumi';
import type { Duration } from '../../service/definition/index.ts';
import type { KubernetesObject } from '../synth/index.ts';
// Not by the folder's index: the platform's program has no use for the charts of a service.
import { objectKey } from '../synth/order.ts';
import { inStages, needs, resourceOptions } from './policy.ts';
import { requireResourceClass } from './resource-classes.ts';

/** What holds for every resource of a registration. */
export type SharedOptions = Pick<CustomResourceOptions, 'provider'> & {
  /** What must be there before the first. */
  readonly dependsOn?: readonly Resource[];
};

/**
 * Registers each object as it is, as one resource named `namespace/name` (`name` without a namespace); fields may be
 * outputs. Throws before the first registration when an object occurs twice or its kind has no class.
 */
export function registerObjects(
  objects: readonly KubernetesObject[],
  deployAwait: Duration,
  { provider, dependsOn: before = [] }: SharedOptions = {},
): readonly CustomResource[] {
  requireUnique(objects);
  const planned = inStages(objects).map((object) => ({ object, Resource: requireResourceClass(object) }));
  const registered: { readonly object: KubernetesObject; readonly resource: CustomResource }[] = [];
  for (const { object, Resource } of planned) {
    const needed = registered.filter((other) => needs(object, other.object)).map(({ resource }) => resource);
    const dependsOn = [...before, ...needed];
    const options = { ...resourceOptions(object, objects, deployAwait), dependsOn, ...(provider && { provider }) };
    registered.push({ object, resource: new Resource(resourceName(object), object as never, options) });
  }
  return registered.map(({ resource }) => resource);
}

/** An object's name in Pulumi's state; it is unique among resources of one type, and never changes. */
export function resourceName({ metadata: { namespace, name } }: KubernetesObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function requireUnique(objects: readonly KubernetesObject[]): void {
  const seen = new Set<string>();
  for (const key of objects.map(objectKey)) {
    if (seen.has(key)) throw new Error(`${key} is there twice; one of the two would undo the other`);
    seen.add(key);
  }
}
