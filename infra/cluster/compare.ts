import {
  changeOf,
  fieldDifferences,
  named,
  pathOf,
  type FieldChange,
  type ObjectChange,
  type Step,
} from '../diff/index.ts';
import { fieldsOfOthers } from '../pulumi/policy.ts';
import { objectKey, type KubernetesObject } from '../synth/index.ts';
import type { LiveObject } from './api-reader.ts';
import type { LiveObjects } from './live-objects.ts';

/** A field of an object as it runs that is not as it was set. */
export type LiveDifference = FieldChange & { readonly steps: readonly Step[] };

/** An object of an environment beside what runs; without fields where it is as it was set. */
export type Comparison = {
  readonly object: KubernetesObject;
  /** What runs; undefined when nothing does. */
  readonly live?: LiveObject;
  readonly differences: readonly LiveDifference[];
};

/**
 * Each object of an environment beside what runs. Fields that the environment does not set, and those that others
 * rightly own, are no difference.
 */
export function compareWithLive(objects: readonly KubernetesObject[], live: LiveObjects): readonly Comparison[] {
  return objects.map((object) => {
    const found = live.find(object);
    if (!found) return { object, differences: [] };
    const owned = fieldsOfOthers(object, objects);
    const differences = fieldDifferences(object, found, 'left').map(({ steps, ...sides }) => ({
      change: changeOf(sides),
      path: pathOf(steps),
      steps,
      ...sides,
    }));
    return { object, live: found, differences: differences.filter(({ path }) => !owned.includes(path)) };
  });
}

/** What would change on the cluster, as between two environments: what runs stands on the right. */
export function liveChanges(objects: readonly KubernetesObject[], live: LiveObjects): readonly ObjectChange[] {
  const changes = compareWithLive(objects, live).flatMap((comparison): ObjectChange[] => {
    if (!comparison.live) return [{ change: 'added', ...named(comparison.object), fields: [] }];
    const fields = comparison.differences.map(({ steps: _, ...field }) => field);
    return fields.length === 0 ? [] : [{ change: 'changed', ...named(comparison.object), fields }];
  });
  const surplus = live.surplus
    .toSorted((a, b) => (objectKey(a) < objectKey(b) ? -1 : 1))
    .map((object): ObjectChange => ({ change: 'removed', ...named(object), fields: [] }));
  return [...changes, ...surplus];
}
