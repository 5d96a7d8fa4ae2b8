import { objectKey, type KubernetesObject } from '../synth/index.ts';
import { fieldDifferences, pathOf } from './fields.ts';

/** A field of an object; `added` is on the left alone, `removed` on the right alone. */
export type FieldChange = {
  readonly change: 'added' | 'removed' | 'changed';
  readonly path: string;
  readonly left?: unknown;
  readonly right?: unknown;
};

/** An object that is on one side alone, or differs in the fields named. */
export type ObjectChange = {
  readonly change: 'added' | 'removed' | 'changed';
  readonly kind: string;
  readonly name: string;
  readonly fields: readonly FieldChange[];
};

type Objects = readonly KubernetesObject[];

/**
 * What differs between the objects of two environments. Their namespaces and the hashes in names follow from other
 * differences, so neither counts as one.
 */
export function objectChanges(left: Objects, right: Objects): readonly ObjectChange[] {
  const [lefts, rights] = [portable(left), portable(right)];
  return [...new Set([...lefts.keys(), ...rights.keys()])].sort().flatMap((key): ObjectChange[] => {
    const [ours, theirs] = [lefts.get(key), rights.get(key)];
    if (!ours || !theirs) return only(ours ? 'added' : 'removed', ours ?? theirs);
    const fields = fieldChanges(ours, theirs);
    return fields.length === 0 ? [] : [{ change: 'changed', ...named(ours), fields }];
  });
}

/** Every field in which two values differ, by path. */
export function fieldChanges(left: unknown, right: unknown): readonly FieldChange[] {
  return fieldDifferences(left, right).map((difference) => {
    const { steps, ...sides } = difference;
    return { change: changeOf(sides), path: pathOf(steps), ...sides };
  });
}

/** Which sides have a field, as one word. */
export function changeOf(sides: { readonly left?: unknown; readonly right?: unknown }): FieldChange['change'] {
  if (!('right' in sides)) return 'added';
  return 'left' in sides ? 'changed' : 'removed';
}

/** Kind and name of an object, for a change of it. */
export function named({ kind, metadata }: KubernetesObject): { readonly kind: string; readonly name: string } {
  return { kind, name: metadata.name };
}

function only(change: 'added' | 'removed', object: KubernetesObject | undefined): ObjectChange[] {
  return object ? [{ change, ...named(object), fields: [] }] : [];
}

const HASH = /-[0-9a-f]{10}$/;
const NAMESPACE = 'NAMESPACE';

/** The objects by what they are called in any environment, with nothing in them that only says in which they are. */
function portable(objects: Objects): ReadonlyMap<string, KubernetesObject> {
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  // What cannot be changed, a ConfigMap of ours or a Job, is named by what it holds.
  const hashed = objects.filter(({ immutable, kind }) => immutable === true || kind === 'Job');
  const words = new Map([
    ...namespaces.map((name) => [name, NAMESPACE] as const),
    ...hashed.map(({ metadata: { name } }) => [name, name.replace(HASH, '-HASH')] as const),
  ]);
  const plain = objects.map((object) => {
    const { metadata, ...rest } = withWords(object, words) as KubernetesObject;
    // Names may hold that of the namespace; in any other text it counts as a whole word only, since it may be usual.
    const plainName = (name: string): string => namespaces.reduce((text, each) => text.replace(each, NAMESPACE), name);
    const { data } = rest as { readonly data?: Readonly<Record<string, unknown>> };
    const files = data && Object.entries(data).map(([file, content]) => [plainName(file), content] as const);
    return {
      ...rest,
      ...(files && { data: Object.fromEntries(files) }),
      metadata: { ...metadata, name: plainName(metadata.name) },
    };
  });
  return new Map(plain.map((object) => [objectKey(object), object]));
}

function withWords(value: unknown, words: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return value.replace(/[\w-]+/g, (word) => words.get(word) ?? word);
  if (Array.isArray(value)) return value.map((item) => withWords(item, words));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withWords(inner, words)]));
}
