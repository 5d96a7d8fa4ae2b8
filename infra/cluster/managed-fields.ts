import { latestManager, type Fields, type Manager } from '../../alerts/rollback/cluster/managed-fields.ts';
import type { Step } from '../diff/index.ts';
import type { LiveObject } from './api-reader.ts';

export type { Manager } from '../../alerts/rollback/cluster/managed-fields.ts';

/** Who set a field last, by `metadata.managedFields`; undefined when nobody owns it, as with one that was removed. */
export function managerOf({ metadata }: LiveObject, steps: readonly Step[]): Manager | undefined {
  return latestManager((metadata.managedFields ?? []).filter(({ fieldsV1 }) => owns(fieldsV1 ?? {}, steps)));
}

/** Who wrote the object last, leaving out those who only report on it. */
export function lastWriter({ metadata }: LiveObject): Manager | undefined {
  return latestManager((metadata.managedFields ?? []).filter(({ subresource }) => subresource === undefined));
}

/** Who applied the object: whoever set most of its fields. */
export function applierOf({ metadata }: LiveObject): string | undefined {
  const sizes = (metadata.managedFields ?? []).map(({ manager, fieldsV1 }) => ({ manager, size: count(fieldsV1) }));
  return sizes.sort((a, b) => b.size - a.size)[0]?.manager;
}

/** Whether fields name the place that the steps lead to, or own as a whole what it lies in. */
function owns(fields: Fields, steps: readonly Step[]): boolean {
  let inner = fields;
  for (const step of steps) {
    const next = inner[keyOf(inner, step)];
    // A list or text that is owned whole has nothing below it.
    if (next === undefined) return inner !== fields && Object.keys(inner).every((key) => key === '.');
    inner = next as Fields;
  }
  return true;
}

/** The key of a step: `f:name` of a field, `k:{...}` of an item by those of its fields that the server goes by. */
function keyOf(fields: Fields, { name, item }: Step): string {
  if (item === undefined) return `f:${name}`;
  const keys = Object.keys(fields).filter((key) => key.startsWith('k:'));
  const matches = (key: string): boolean =>
    Object.entries(JSON.parse(key.slice(2)) as Fields).every(([field, value]) => (item as Fields)[field] === value);
  return keys.find(matches) ?? '';
}

function count(fields: Fields = {}): number {
  return Object.values(fields).reduce<number>((sum, inner) => sum + 1 + count(inner as Fields), 0);
}
