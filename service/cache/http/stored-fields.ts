import type { ResponseDirectives } from './cache-control.ts';
import { fieldValue, withoutFields } from './fields.ts';

/** Fields of one connection or one proxy (RFC 9110, section 7.6.1; RFC 9111, section 3.1). */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Fields that are made anew for each answer, by what is known then. */
const MADE_ANEW: ReadonlySet<string> = new Set(['age', 'cache-status', 'content-length', 'x-cache']);

/** Fields that the stored body depends on, whatever a later answer without a body says (RFC 9111, section 3.2). */
const OF_THE_BODY: ReadonlySet<string> = new Set(['content-length', 'content-range']);

/** The fields of an answer that are kept (RFC 9111, section 3.1): all but those of one connection and those withheld. */
export function storedFields(fields: readonly string[], directives: ResponseDirectives): string[] {
  const named = connectionNames(fields);
  return withoutFields(
    fields,
    (name) =>
      HOP_BY_HOP.has(name) || MADE_ANEW.has(name) || named.includes(name) || directives.withheldFields.includes(name),
  );
}

/**
 * Kept fields, brought up to date by those of a newer answer to the same request (RFC 9111, section 3.2): a field that
 * the newer one has replaces all lines of that name.
 */
export function updatedFields(
  kept: readonly string[],
  newer: readonly string[],
  directives: ResponseDirectives,
): string[] {
  const given = storedFields(
    withoutFields(newer, (name) => OF_THE_BODY.has(name)),
    directives,
  );
  const replaced = new Set(given.filter((_, index) => index % 2 === 0));
  return [...withoutFields(kept, (name) => replaced.has(name) || directives.withheldFields.includes(name)), ...given];
}

function connectionNames(fields: readonly string[]): readonly string[] {
  const value = fieldValue(fields, 'connection');
  return value === undefined ? [] : value.split(',').map((name) => name.trim().toLowerCase());
}
