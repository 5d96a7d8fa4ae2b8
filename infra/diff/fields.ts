import { parse } from 'yaml';
import { sameValue } from './same-value.ts';

/** A step from a value to one inside it. */
export type Step = {
  /** The name of the field; of an item in a list what tells it apart there, or its place. */
  readonly name: string;
  /** The item, when the step goes into a list: the server keeps its owners by the item's own fields. */
  readonly item?: unknown;
};

/** One field in which two values differ; a side that does not have the field is undefined. */
export type FieldDifference = { readonly steps: readonly Step[]; readonly left?: unknown; readonly right?: unknown };

/**
 * `every`: a field of either side counts. `left`: only fields that the left side sets, as it is with what a server
 * fills in; what somebody adds to a list counts all the same, since it runs beside what was set.
 */
export type Counting = 'every' | 'left';

/** What tells the items of a list apart, the first that fits. */
const LIST_KEYS = ['name', 'mountPath', 'alert', 'record', 'key', 'topologyKey', 'containerPort', 'port', 'type'];

/** Every field in which two values differ, at the greatest depth; text that holds a document is looked into. */
export function fieldDifferences(
  left: unknown,
  right: unknown,
  counting: Counting = 'every',
  steps: readonly Step[] = [],
): readonly FieldDifference[] {
  if (sameValue(left, right) || (counting === 'left' && right === undefined && isEmpty(left))) return [];
  if (Array.isArray(left) && Array.isArray(right)) return inLists(left, right, counting, steps);
  if (isRecord(left) && isRecord(right)) return inRecords(left, right, counting, steps);
  const documents = [documentIn(left), documentIn(right)];
  // A document is written by us as a whole, so what the other side has beside it counts.
  if (documents.every((document) => document !== undefined)) {
    return fieldDifferences(documents[0], documents[1], 'every', steps);
  }
  if (isText(left) && isText(right))
    return [{ steps, left: linesBeside(left, right), right: linesBeside(right, left) }];
  return [{ steps, ...(left !== undefined && { left }), ...(right !== undefined && { right }) }];
}

/** Steps as one path: `spec.containers[gateway].env[PORT].value`. */
export function pathOf(steps: readonly Step[]): string {
  return steps
    .map(({ name, item }, index) => {
      if (item !== undefined) return `[${name}]`;
      if (!/^[\w$-]+$/.test(name)) return `["${name}"]`;
      return index === 0 ? name : `.${name}`;
    })
    .join('');
}

type List = readonly unknown[];
type Fields = Readonly<Record<string, unknown>>;

function inRecords(left: Fields, right: Fields, counting: Counting, steps: readonly Step[]): FieldDifference[] {
  const names = Object.keys(counting === 'left' ? left : { ...left, ...right });
  return names.sort().flatMap((name) => fieldDifferences(left[name], right[name], counting, [...steps, { name }]));
}

function inLists(left: List, right: List, counting: Counting, steps: readonly Step[]): readonly FieldDifference[] {
  if (![...left, ...right].every(isRecord)) {
    return JSON.stringify(left) === JSON.stringify(right) ? [] : [{ steps, left, right }];
  }
  const [lefts, rights] = namedItems(left, right);
  const names = new Set([...lefts.keys(), ...rights.keys()]);
  return [...names].flatMap((name) => {
    const [ours, theirs] = [lefts.get(name), rights.get(name)];
    return fieldDifferences(ours, theirs, counting, [...steps, { name, item: theirs ?? ours }]);
  });
}

/** The items of both lists by what tells them apart in both, else by place. */
function namedItems(left: List, right: List): [Map<string, unknown>, Map<string, unknown>] {
  const key = LIST_KEYS.find((candidate) => tellsApart(candidate, left) && tellsApart(candidate, right));
  const named = (list: List): Map<string, unknown> =>
    new Map(list.map((item, place) => [String(key === undefined ? place : (item as Fields)[key]), item]));
  return [named(left), named(right)];
}

function tellsApart(key: string, list: List): boolean {
  const values = list.map((item) => (item as Fields)[key]);
  return values.every((value) => ['string', 'number'].includes(typeof value)) && new Set(values).size === list.length;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.includes('\n');
}

/** The lines of a text that the other one does not have; all where only their order differs. */
function linesBeside(text: string, other: string): string {
  const known = new Set(other.split('\n'));
  const own = text.split('\n').filter((line) => !known.has(line));
  return own.length > 0 ? own.join('\n') : text;
}

/** The document that a text holds, when it holds one of several lines. */
function documentIn(value: unknown): unknown {
  if (!isText(value)) return undefined;
  try {
    const document: unknown = value.startsWith('{') ? JSON.parse(value) : parse(value);
    return typeof document === 'object' && document !== null ? document : undefined;
  } catch {
    // Any other text of several lines, such as a script.
    return undefined;
  }
}

/** A server leaves out what is empty. */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isRecord(value)) return Object.values(value).every(isEmpty);
  return value === undefined || value === null || value === '' || value === false || value === 0;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
