import { isDeepStrictEqual } from 'node:util';
import type { LiveObject, ManagedFields } from '../../../alerts/rollback/cluster/live-object.ts';
import { joined, valueAt, type Fields } from '../../../alerts/rollback/cluster/managed-fields.ts';

/** By which of its fields an item of a list is known; a list whose items have none of them is owned as a whole. */
const KEYS = ['mountPath', 'name'] as const;

type Tree = Readonly<Record<string, unknown>>;

/** Who sets fields, and how. */
export type Hand = { readonly manager: string; readonly operation: 'Apply' | 'Update' };

/** Every field of a value, each list's item and map with its own `.`. */
export function fieldsOf(value: unknown): Fields {
  const inner = entriesOf(value);
  if (!inner || inner.length === 0) return {};
  return { '.': {}, ...Object.fromEntries(inner.map(([key, each]) => [key, fieldsOf(each)])) };
}

/** An object with what its `managedFields` say once a hand has set what differs from before. Only what is wanted counts. */
export function owned(object: LiveObject, before: LiveObject | undefined, hand: Hand): LiveObject {
  const set = changed(before?.spec, object.spec);
  const entries = (object.metadata.managedFields ?? []).flatMap((entry) =>
    withFields(entry, left(entry, before, object)),
  );
  const managedFields = set ? withHand(entries, hand, (fields) => joined(fields, set)) : entries;
  const isOwned = managedFields.length > 0 || object.metadata.managedFields !== undefined;
  return isOwned ? { ...object, metadata: { ...object.metadata, managedFields } } : object;
}

/** An object with the entry of a hand that owns these fields of what is wanted, and no others. */
export function ownedWhole(object: LiveObject, hand: Hand, fields: Fields): LiveObject {
  const managedFields = withHand(object.metadata.managedFields ?? [], hand, () => fields);
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

/** The entry of a hand. */
export function entryOf({ metadata }: LiveObject, { manager, operation }: Hand): ManagedFields | undefined {
  return metadata.managedFields?.find((entry) => entry.manager === manager && entry.operation === operation);
}

/** The fields of what is wanted that an entry owns. */
export function specFields(entry: ManagedFields | undefined): Fields {
  return (entry?.fieldsV1?.['f:spec'] ?? {}) as Fields;
}

/** A field or item of a list by its key in `fieldsV1`; undefined for what has none, or is owned as a whole. */
export function entriesOf(value: unknown): readonly (readonly [key: string, value: unknown])[] | undefined {
  if (Array.isArray(value)) {
    const items = value as readonly Tree[];
    const by = KEYS.find((key) => items.length > 0 && items.every((item) => item[key] !== undefined));
    return by && items.map((item) => [`k:${JSON.stringify({ [by]: item[by] })}`, item]);
  }
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : [[`f:${key}`, each] as const]));
}

/** What was changed or added; undefined where nothing was. */
function changed(before: unknown, now: unknown): Fields | undefined {
  if (isDeepStrictEqual(before, now) || now === undefined) return undefined;
  const inner = entriesOf(now);
  if (!inner || !entriesOf(before)) return fieldsOf(now);
  const below = inner.flatMap(([key, each]) => {
    const fields = changed(valueAt(key, before), each);
    return fields ? [[key, fields] as const] : [];
  });
  return below.length > 0 ? Object.fromEntries(below) : undefined;
}

/** What an entry still owns: neither changed nor removed by another. */
function left(entry: ManagedFields, before: LiveObject | undefined, now: LiveObject): Fields {
  return unchanged(specFields(entry), before?.spec, now.spec);
}

function unchanged(fields: Fields, before: unknown, now: unknown): Fields {
  const kept = Object.entries(fields).flatMap(([key, inner]) => {
    if (key === '.') return [[key, inner] as const];
    const [then, found] = [valueAt(key, before), valueAt(key, now)];
    if (found === undefined) return [];
    if (Object.keys(inner as Fields).length === 0) return isDeepStrictEqual(then, found) ? [[key, inner] as const] : [];
    const below = unchanged(inner as Fields, then, found);
    return Object.keys(below).length > 0 ? [[key, below] as const] : [];
  });
  return Object.fromEntries(kept);
}

function withHand(entries: readonly ManagedFields[], hand: Hand, next: (fields: Fields) => Fields) {
  const isOfHand = (entry: ManagedFields) => entry.manager === hand.manager && entry.operation === hand.operation;
  const entry = { ...hand, apiVersion: 'apps/v1', fieldsType: 'FieldsV1', time: new Date().toISOString() };
  const fieldsV1 = { 'f:spec': next(specFields(entries.find(isOfHand))) };
  return [...entries.filter((each) => !isOfHand(each)), { ...entry, fieldsV1 }];
}

function withFields(entry: ManagedFields, spec: Fields): readonly ManagedFields[] {
  return Object.keys(spec).length > 0 ? [{ ...entry, fieldsV1: { ...entry.fieldsV1, 'f:spec': spec } }] : [];
}
