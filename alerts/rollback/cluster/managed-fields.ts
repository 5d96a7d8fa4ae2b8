import type { LiveObject, ManagedFields } from './live-object.ts';

/** Who set a field, and when. */
export type Manager = { readonly name: string; readonly time?: string };

/** Fields as `fieldsV1` has them: `f:name`, `k:{...}` and `v:...` with what lies in each, and `.` for the place itself. */
export type Fields = Readonly<Record<string, unknown>>;

const PLACE_ITSELF = '.';

/** The last of some entries; undefined where there is none. */
export function latestEntry(entries: readonly ManagedFields[]): ManagedFields | undefined {
  return entries.toSorted((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1))[0];
}

/** Who made the last of some entries; undefined where there is none. */
export function latestManager(entries: readonly ManagedFields[]): Manager | undefined {
  const entry = latestEntry(entries);
  if (!entry) return undefined;
  return { name: entry.manager ?? 'unknown', ...(entry.time !== undefined && { time: entry.time }) };
}

/** Who wrote the template of a workload last, or a part of it; undefined when the server does not say. */
export function templateWriter(workload: LiveObject): Manager | undefined {
  return latestManager(templateEntries(workload));
}

/** Everybody who has set a part of the template of a workload that is still as they set it. */
export function templateEntries({ metadata }: LiveObject): readonly ManagedFields[] {
  return (metadata.managedFields ?? []).filter(
    ({ fieldsV1 = {}, subresource }) =>
      subresource === undefined && (fieldsV1['f:spec'] as Fields | undefined)?.['f:template'] !== undefined,
  );
}

/** What a key of `fieldsV1` leads to in a value: a field, or the item of a list that it names; undefined: to nothing. */
export function valueAt(key: string, value: unknown): unknown {
  if (key.startsWith('f:')) return (value as Fields | null | undefined)?.[key.slice(2)];
  if (!Array.isArray(value)) return undefined;
  const items = value as readonly unknown[];
  if (key.startsWith('v:')) return items.find((item) => JSON.stringify(item) === key.slice(2));
  if (!key.startsWith('k:')) return undefined;
  const named = Object.entries(JSON.parse(key.slice(2)) as Fields);
  // A server fills in what the definition may leave out, such as the protocol of a port.
  const isMeant = (item: Fields): boolean =>
    named.every(([field, expected]) => item[field] === undefined || item[field] === expected);
  return (items as readonly Fields[]).find(isMeant);
}

/** The fields of both. */
export function joined(one: Fields, other: Fields): Fields {
  const inner = Object.keys({ ...one, ...other }).filter((key) => key !== PLACE_ITSELF);
  const isOwnedItself = [one, other].some((fields) => isOwned(fields));
  return {
    ...(isOwnedItself && inner.length > 0 && { [PLACE_ITSELF]: {} }),
    ...Object.fromEntries(inner.map((key) => [key, joinedAt(key, one, other)])),
  };
}

function joinedAt(key: string, one: Fields, other: Fields): unknown {
  const [here, there] = [one[key], other[key]] as readonly (Fields | undefined)[];
  return here && there ? joined(here, there) : (here ?? there);
}

/** Whether fields own the place that they lie in; nothing below it says that too. */
function isOwned(fields: Fields): boolean {
  return PLACE_ITSELF in fields || Object.keys(fields).length === 0;
}
