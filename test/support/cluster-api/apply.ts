import type { LiveObject } from '../../../alerts/rollback/cluster/live-object.ts';
import { valueAt, type Fields } from '../../../alerts/rollback/cluster/managed-fields.ts';
import { entriesOf, entryOf, fieldsOf, owned, ownedWhole, specFields, type Hand } from './ownership.ts';

type Tree = Readonly<Record<string, unknown>>;

/**
 * An object after a forced server-side apply of what is wanted of it: what was applied is set, and what the same manager
 * applied before and does not any more goes, unless another one owns it too.
 */
export function applied(live: LiveObject, object: LiveObject, manager: string): LiveObject {
  const hand: Hand = { manager, operation: 'Apply' };
  const fields = fieldsOf(object.spec);
  const before = entryOf(live, hand);
  const others = (live.metadata.managedFields ?? []).filter((entry) => entry !== before).map(specFields);
  const spec = pruned(overlaid(live.spec, object.spec), specFields(before), fields, others);
  return ownedWhole(owned({ ...live, spec }, live, hand), hand, fields);
}

function overlaid(live: unknown, wanted: unknown): unknown {
  const [there, inner] = [entriesOf(live), entriesOf(wanted)];
  if (!there || !inner) return wanted;
  const set = inner.map(([key, each]) => [key, overlaid(valueAt(key, live), each)] as const);
  const rest = there.filter(([key]) => valueAt(key, wanted) === undefined);
  return rebuilt(live, [...set, ...rest]);
}

function pruned(value: unknown, had: Fields, wanted: Fields | undefined, others: readonly Fields[]): unknown {
  const inner = entriesOf(value);
  if (!inner) return value;
  const left = inner.flatMap(([key, each]) => {
    const [hadHere, wantedHere] = [had[key], wanted?.[key]] as readonly (Fields | undefined)[];
    const ofOthers = others.flatMap((fields) => (fields[key] === undefined ? [] : [fields[key] as Fields]));
    if (!hadHere) return [[key, each] as const];
    if (!wantedHere && ofOthers.length === 0) return [];
    return [[key, pruned(each, hadHere, wantedHere, ofOthers)] as const];
  });
  return rebuilt(value, left);
}

function rebuilt(like: unknown, entries: readonly (readonly [key: string, value: unknown])[]): unknown {
  if (Array.isArray(like)) return entries.map(([, value]) => value);
  return Object.fromEntries(entries.map(([key, value]) => [key.slice('f:'.length), value])) satisfies Tree;
}
