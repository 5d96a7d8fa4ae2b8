import type { ResponseDirectives } from './cache-control.ts';
import { fieldValue, type RequestFields } from './fields.ts';
import { varyNames } from './vary.ts';

/** An answer that may be kept, and the request it answers. */
export type StorabilityQuestion = {
  readonly method: string;
  readonly request: RequestFields;
  /** Whether the request's own `no-store` is honoured and present. */
  readonly refused: boolean;
  readonly status: number;
  /** Flat: name, value, name, value; names in lower case. */
  readonly fields: readonly string[];
  readonly directives: ResponseDirectives;
  /** Whether an answer may be kept although it says nothing of a time. */
  readonly heuristic: boolean;
};

/** Final, complete and successful: all that this cache claims to understand. */
const UNDERSTOOD: ReadonlySet<number> = new Set([200, 203, 204]);

/**
 * Whether a shared cache may keep an answer (RFC 9111, section 3), by this cache's stricter rules where it has some:
 * - GET alone, and only 200, 203 and 204;
 * - one that says nothing of a time (neither `public`, `s-maxage`, `max-age` nor Expires) only if it says `no-cache`
 *   or heuristics are switched on, it can be validated, and the request had no cookie: an answer that nobody declared
 *   cacheable may be meant for one user;
 * - one that sets a cookie only with `public` or `s-maxage`.
 */
export function isStorable(question: StorabilityQuestion): boolean {
  const { method, request, refused, status, fields, directives } = question;
  if (method !== 'GET' || refused || !UNDERSTOOD.has(status)) return false;
  if ((directives.noStore && !directives.mustUnderstand) || directives.private) return false;
  if (request.authorization !== undefined && !isShared(directives)) return false;
  const forAll = directives.public || directives.sMaxAge !== undefined;
  if (!forAll && keepsCookie(fields, directives)) return false;
  return varyNames(fields) !== undefined && (isTimed(fields, directives) || isValidatedAlways(question));
}

/** Whether an answer to a request with credentials may be given to others (RFC 9111, section 3.5). */
export function isShared(directives: ResponseDirectives): boolean {
  return directives.public || directives.mustRevalidate || directives.sMaxAge !== undefined;
}

/** Whether an answer says how long it is fresh, be it not at all, or that it is for everyone. */
export function isTimed(fields: readonly string[], { public: isPublic, sMaxAge, maxAge }: ResponseDirectives): boolean {
  return isPublic || (sMaxAge ?? maxAge) !== undefined || fieldValue(fields, 'expires') !== undefined;
}

function isValidatedAlways({ request, fields, directives, heuristic }: StorabilityQuestion): boolean {
  const canValidate = fieldValue(fields, 'etag') !== undefined || fieldValue(fields, 'last-modified') !== undefined;
  return (directives.noCache || heuristic) && canValidate && request.cookie === undefined;
}

function keepsCookie(fields: readonly string[], { withheldFields }: ResponseDirectives): boolean {
  return fieldValue(fields, 'set-cookie') !== undefined && !withheldFields.includes('set-cookie');
}
