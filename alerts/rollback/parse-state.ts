import type { z } from 'zod';
import type { ReleaseRecord } from './record.ts';
import { EMPTY_STATE, type Inbox, type Signs, type State } from './state.ts';
import { eventsSchema, freezeSchema, recordSchema, signsSchema, stateSchema } from './stored-schema.ts';

// A ConfigMap holds 1 MiB in all; the rest is for events, the freeze and signs.
const MAX_STATE = 900 * 1024;

const SHOWN = 80;

/** What is stored cannot be used; the message says where, what stands there, and what would be right. */
export class StoredError extends Error {
  override readonly name = 'StoredError';
}

/** The state from its JSON; undefined text: nothing was stored yet. Throws a StoredError. */
export function parseState(text: string | undefined): State {
  return text === undefined ? EMPTY_STATE : parsed('the state', text, stateSchema);
}

/**
 * The JSON of a state. Throws a StoredError for what could not be read again, such as a number that JSON does not have,
 * or is larger than what a ConfigMap holds.
 */
export function formatState(state: State): string {
  const text = JSON.stringify(parsed('the next state', JSON.stringify(state), stateSchema));
  const size = Buffer.byteLength(text);
  if (size > MAX_STATE) throw new StoredError(`the state has ${size} bytes, and a ConfigMap holds ${MAX_STATE} of it`);
  return text;
}

/** What is asked of the guard, from the JSON of both of its keys. Throws a StoredError. */
export function parseInbox(events: string | undefined, freeze: string | undefined): Inbox {
  return {
    events: events === undefined ? [] : parsed('the events', events, eventsSchema),
    ...(freeze !== undefined && { freeze: parsed('the freeze', freeze, freezeSchema) }),
  };
}

/** The JSON of both keys of an inbox; `freeze` is absent where nothing is frozen. */
export function formatInbox({ events, freeze }: Inbox): { readonly events: string; readonly freeze?: string } {
  return { events: JSON.stringify(events), ...(freeze && { freeze: JSON.stringify(freeze) }) };
}

/** Signs of life from their JSON; undefined text: there was none yet. Throws a StoredError. */
export function parseSigns(text: string | undefined): Signs {
  return text === undefined ? { watchdog: 0, prometheus: 0 } : parsed('the signs of life', text, signsSchema);
}

/** The JSON of signs of life. */
export function formatSigns(signs: Signs): string {
  return JSON.stringify(signs);
}

/** A record from its JSON. Throws a StoredError. */
export function parseRecord(text: string): ReleaseRecord {
  return parsed('the record', text, recordSchema);
}

function parsed<T>(what: string, text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const cause = (error as SyntaxError).message;
    throw new StoredError(`${what} is no JSON: ${cause}; put it right, or delete it to begin anew`, { cause: error });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const findings = result.error.issues.map(({ path, message }) => {
    const found = path.reduce<unknown>(
      (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
      value,
    );
    return `${path.length > 0 ? path.join('.') : 'it'} is ${shown(found)}: ${message}`;
  });
  throw new StoredError(`${what} cannot be used: ${findings.join('; ')}`);
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}
