import { named, pathOf } from '../diff/index.ts';
import { fieldsOfOthers } from '../pulumi/policy.ts';
import type { KubernetesObject } from '../synth/index.ts';
import { additionsTo } from './additions.ts';
import { compareWithLive, type Comparison, type LiveDifference } from './compare.ts';
import type { LiveObjects } from './live-objects.ts';
import { applierOf, lastWriter, managerOf, type Manager } from './managed-fields.ts';

/** A field that somebody else changed since it was applied, or an object that is gone (then without a path). */
export type DriftedField = {
  readonly kind: string;
  readonly name: string;
  readonly path?: string;
  /** What the definition says; absent where it says nothing. */
  readonly wanted?: unknown;
  /** What runs; absent where the field or object was removed. */
  readonly found?: unknown;
  /** Who set what runs, or wrote the object last where the field was removed. */
  readonly manager?: Manager;
};

/** What is not as the definition says: by another hand, or because it was not applied yet. */
export type Drift = { readonly drifted: readonly DriftedField[]; readonly pending: readonly DriftedField[] };

/**
 * Tells drift from what only waits for the next deploy: a field that still belongs to whoever applied the object was
 * left behind by the definition, any other was changed by somebody else.
 */
export function findDrift(objects: readonly KubernetesObject[], live: LiveObjects): Drift {
  const comparisons = compareWithLive(objects, live);
  const running = JSON.stringify(comparisons.map(({ live: found }) => found));
  const drifted: DriftedField[] = [];
  const pending: DriftedField[] = [];
  for (const comparison of comparisons) {
    if (!comparison.live) {
      (waits(comparison, running) ? pending : drifted).push(named(comparison.object));
      continue;
    }
    const applier = applierOf(comparison.live);
    const owned = fieldsOfOthers(comparison.object, objects);
    const added = additionsTo(comparison.object, comparison.live).map(({ steps, found }): LiveDifference => ({
      change: 'removed',
      path: pathOf(steps),
      steps,
      right: found,
    }));
    for (const difference of [...comparison.differences, ...added.filter(({ path }) => !owned.includes(path))]) {
      const field = driftedField(comparison, difference);
      (field.manager?.name === applier ? pending : drifted).push(field);
    }
  }
  return { drifted, pending };
}

/** Configuration under a new name is missed only once a running object refers to it; a Job that is over may go. */
function waits({ object }: Comparison, running: string): boolean {
  if (object.kind === 'Job') return true;
  return object.immutable === true && !running.includes(`"${object.metadata.name}"`);
}

function driftedField({ object, live }: Comparison, { steps, path, left, right }: LiveDifference): DriftedField {
  const manager = live && (managerOf(live, steps) ?? lastWriter(live));
  return {
    ...named(object),
    path,
    ...(left !== undefined && { wanted: left }),
    ...(right !== undefined && { found: right }),
    ...(manager && { manager }),
  };
}
