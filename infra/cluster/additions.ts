import { valueAt, type Fields } from '../../alerts/rollback/cluster/managed-fields.ts';
import type { Step } from '../diff/index.ts';
import type { KubernetesObject } from '../synth/index.ts';
import type { LiveObject } from './api-reader.ts';
import { applierOf } from './managed-fields.ts';

/** A field that somebody set beside those of the definition. */
export type Addition = { readonly steps: readonly Step[]; readonly found: unknown };

/** Programs of the cluster set fields that nobody else does; what they set follows from what was applied. */
const PROGRAMS = /^kube-|controller|operator/;

/** `kubectl rollout restart` writes the time: it asks for new pods, and leaves them as they were. */
const HARMLESS: readonly string[] = ['f:kubectl.kubernetes.io/restartedAt'];

/**
 * Fields that the object does not set and that neither its applier nor a program of the cluster did; of several inside
 * one, the outer one. What was added to a list that the object sets is a difference of that list.
 */
export function additionsTo(object: KubernetesObject, live: LiveObject): readonly Addition[] {
  const applier = applierOf(live);
  return (live.metadata.managedFields ?? [])
    .filter(
      ({ manager = '', subresource }) => manager !== applier && subresource === undefined && !PROGRAMS.test(manager),
    )
    .flatMap(({ fieldsV1 = {} }) => added(fieldsV1, live, object, []));
}

function added(fields: Fields, live: unknown, wanted: unknown, steps: readonly Step[]): Addition[] {
  return Object.entries(fields).flatMap(([key, inner]) => {
    if (isHarmless(key, inner as Fields)) return [];
    const step = stepInto(key, live);
    if (!step) return [];
    const [found, ours] = [valueAt(key, live), valueAt(key, wanted)];
    if (ours !== undefined) return added(inner as Fields, found, ours, [...steps, step]);
    return step.item === undefined && found !== undefined ? [{ steps: [...steps, step], found }] : [];
  });
}

function isHarmless(key: string, inner: Fields): boolean {
  if (key === '.' || HARMLESS.includes(key)) return true;
  const below = Object.entries(inner);
  return below.length > 0 && below.every(([name, deeper]) => isHarmless(name, deeper as Fields));
}

function stepInto(key: string, live: unknown): Step | undefined {
  if (key.startsWith('f:')) return { name: key.slice(2) };
  const item = valueAt(key, live) as Fields | undefined;
  return item && { name: String(item.name ?? Object.values(item)[0]), item };
}
