import type { Step } from '../diff/index.ts';
import type { KubernetesObject } from '../synth/index.ts';
import type { LiveObject } from './api-reader.ts';
import { applierOf } from './managed-fields.ts';

/** A field that somebody set beside those of the definition. */
export type Addition = { readonly steps: readonly Step[]; readonly found: unknown };

type Fields = Readonly<Record<string, unknown>>;

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

/** What a key of managedFields leads to: a field, or the item of a list that has the values it names. */
function valueAt(key: string, value: unknown): unknown {
  if (key.startsWith('f:')) return (value as Fields | undefined)?.[key.slice(2)];
  if (!key.startsWith('k:') || !Array.isArray(value)) return undefined;
  const named = Object.entries(JSON.parse(key.slice(2)) as Fields);
  // A server fills in what the definition may leave out, such as the protocol of a port.
  const isMeant = (item: Fields): boolean =>
    named.every(([field, expected]) => item[field] === undefined || item[field] === expected);
  return (value as readonly Fields[]).find(isMeant);
}
