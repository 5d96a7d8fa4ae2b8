import type { Service } from '../../service/definition/index.ts';
import { fieldChanges, type FieldChange } from './objects.ts';

/** Values of one part of the definition that differ. */
export type ValueGroup = { readonly part: string; readonly values: readonly FieldChange[] };

/** The values in which two environments differ, by the part of the definition that they stand in. */
export function definitionChanges(left: Service, right: Service): readonly ValueGroup[] {
  const { environment: _left, ...ours } = left;
  const { environment: _right, ...theirs } = right;
  const parts = Map.groupBy(fieldChanges(ours, theirs), ({ path }) => path.split(/[.[]/)[0] ?? path);
  return [...parts].map(([part, values]) => ({ part, values }));
}
