import type { FieldChange, ObjectChange } from './objects.ts';

/** What the two sides of a comparison are called. */
export type Sides = { readonly left: string; readonly right: string };

const LONGEST = 80;

/** A field that differs, in words: `scaling.max: 6 in staging, 2 in prod`. */
export function formatField(change: FieldChange, sides: Sides): string {
  return `${change.path}: ${told(change, 'left')} in ${sides.left}, ${told(change, 'right')} in ${sides.right}`;
}

/** An object that differs: where it is alone, or a line for each of its fields. */
export function formatObject({ change, kind, name, fields }: ObjectChange, sides: Sides): readonly string[] {
  if (change !== 'changed') return [`${kind} ${name}: only in ${change === 'added' ? sides.left : sides.right}`];
  return [`${kind} ${name}`, ...fields.map((field) => `  ${formatField(field, sides)}`)];
}

/** A value on one line, cut where it would be too long to read. */
export function formatValue(value: unknown): string {
  const text = typeof value === 'string' && value !== '' ? value.replaceAll(/\s+/g, ' ') : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

function told(change: FieldChange, side: 'left' | 'right'): string {
  return side in change ? formatValue(change[side]) : 'not set';
}
