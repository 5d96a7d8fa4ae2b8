import { z } from 'zod';
import { StoredError } from '../../../../alerts/rollback/index.ts';
import { EMPTY_JOURNAL, type Journal, type Wish } from './journal.ts';
import { journalSchema, wishSchema } from './stored-schema.ts';

/** A wish that nothing is done by. */
export type Unusable = {
  /** Its id, where it has one. */
  readonly id: string | undefined;
  /** What is wrong with it, in words. */
  readonly problem: string;
};

/** The journal, and what of it cannot be used. */
export type Read = { readonly journal: Journal; readonly unusable: readonly Unusable[] };

/** The journal from its JSON; undefined text: nothing was ever written. Throws a StoredError where it cannot be used. */
export function parseJournal(text: string | undefined): Read {
  if (text === undefined) return { journal: EMPTY_JOURNAL, unusable: [] };
  const { wanted, ...rest } = requireParsed('the journal of drills', jsonOf(text), journalSchema);
  const wishes: Wish[] = [];
  const unusable: Unusable[] = [];
  for (const each of wanted) {
    const parsed = wishSchema.safeParse(each);
    if (parsed.success) wishes.push(parsed.data);
    else unusable.push({ id: idOf(each), problem: inWords(parsed.error) });
  }
  return { journal: { ...rest, wanted: wishes }, unusable };
}

/** The JSON of a journal. Throws a StoredError for what could not be read again. */
export function formatJournal(journal: Journal): string {
  const text = JSON.stringify(journal);
  const { unusable } = parseJournal(text);
  const [first] = unusable;
  if (first) throw new StoredError(`the wish ${first.id ?? 'without an id'} cannot be written: ${first.problem}`);
  return text;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as SyntaxError;
    throw new StoredError(
      `the journal of drills is no JSON: ${message}; see that no fault is left, then delete its key 'journal' to begin anew`,
      { cause: error },
    );
  }
}

function requireParsed<T>(what: string, value: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new StoredError(`${what} cannot be used: ${inWords(parsed.error)}`);
}

function inWords({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.length > 0 ? path.join('.') : 'it'}: ${message}`).join('; ');
}

function idOf(wish: unknown): string | undefined {
  const parsed = wishSchema.pick({ id: true }).safeParse(wish);
  if (parsed.success) return parsed.data.id;
  const { id } = (wish ?? {}) as { readonly id?: unknown };
  const known = wishSchema.shape.id.safeParse(id);
  return known.success ? known.data : undefined;
}
