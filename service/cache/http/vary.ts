import { createHash } from 'node:crypto';
import { fieldValue, isToken, requestValue, type RequestFields } from './fields.ts';

/** Names in Vary beyond which an answer is not worth keeping: hardly two requests would share it. */
const MAX_NAMES = 32;
/** Longer texts stand in a key as their hash. */
const MAX_TEXT = 64;

/** Lists whose order says nothing, in letters of either case: their qvalues alone rank (RFC 9110, section 12.5.3). */
const SORTED = new Set(['accept-encoding']);
/** Lists in letters of either case (RFC 9110, sections 12.5.2 and 12.5.4). */
const LOWERED = new Set(['accept-encoding', 'accept-language', 'accept-charset']);
/** Lists in which white space around a comma or semicolon says nothing. */
const SPACED = new Set(['accept', 'accept-encoding', 'accept-language', 'accept-charset']);

/**
 * The request fields that an answer was chosen by, in lower case, sorted, each once. Undefined where no request can be
 * said to match: `*`, what is no name of a field, and more than 32 names (RFC 9111, section 4.1).
 */
export function varyNames(fields: readonly string[]): readonly string[] | undefined {
  const value = fieldValue(fields, 'vary');
  if (value === undefined) return NONE;
  const names = new Set<string>();
  for (const member of value.split(',')) {
    const name = member.trim().toLowerCase();
    if (name === '') continue;
    if (name === '*' || !isToken(name)) return undefined;
    names.add(name);
    if (names.size > MAX_NAMES) return undefined;
  }
  return [...names].sort();
}

const NONE: readonly string[] = [];

/**
 * What a request has in the named fields, as a text that is the same for all requests that match and for no others
 * (RFC 9111, section 4.1). It holds no line break, which separates the parts of a key.
 */
export function varyText(names: readonly string[], request: RequestFields): string {
  let text = '';
  for (const name of names) {
    const value = requestValue(request, name);
    // Absent and empty are two things: absent matches only absent.
    text += value === undefined ? `${name}\t` : `${name}=${normalized(name, value)}\t`;
  }
  return text.length <= MAX_TEXT ? text : `#${createHash('sha256').update(text).digest('base64url')}`;
}

function normalized(name: string, value: string): string {
  if (!SPACED.has(name)) return value.trim();
  const lowered = LOWERED.has(name) ? value.toLowerCase() : value;
  // A quoted parameter may hold a comma and white space of its own.
  if (lowered.includes('"')) return lowered.trim();
  const members = lowered
    .split(',')
    .map((member) => member.replace(/[\t ]*;[\t ]*/g, ';').trim())
    .filter((member) => member !== '');
  return (SORTED.has(name) ? members.sort() : members).join();
}
