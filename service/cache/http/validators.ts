import { fieldValue, requestValue, withoutFields, type RequestFields } from './fields.ts';
import { dateOf } from './freshness.ts';
import { parseHttpDate } from './http-date.ts';

/** What preconditions are held against: a kept answer. */
export type Validated = {
  readonly status: number;
  /** Flat: name, value, name, value; names in lower case. */
  readonly headers: readonly string[];
  readonly storedAt: number;
};

const ENTITY_TAG = /(?:W\/)?"[^"]*"/g;

/** Whether two entity tags name equivalent representations (RFC 9110, section 8.8.3.2, weak comparison). */
export function matchWeakly(one: string, other: string): boolean {
  return opaque(one) === opaque(other);
}

/** Whether two entity tags name the same bytes (RFC 9110, section 8.8.3.2, strong comparison). */
export function matchStrongly(one: string, other: string): boolean {
  return one === other && !isWeak(one);
}

/** Whether a kept answer can be validated at all. */
export function hasValidator({ headers }: Pick<Validated, 'headers'>): boolean {
  return fieldValue(headers, 'etag') !== undefined || fieldValue(headers, 'last-modified') !== undefined;
}

/**
 * The fields with which a kept answer is validated, flat (RFC 9111, section 4.3.1). An empty value means that the
 * client's own field of that name is not sent: what it holds is none of the origin's business then.
 */
export function validationFields({ headers }: Pick<Validated, 'headers'>): readonly string[] {
  return [
    'if-none-match',
    fieldValue(headers, 'etag') ?? '',
    'if-modified-since',
    fieldValue(headers, 'last-modified') ?? '',
  ];
}

/** Fields that take the client's own conditions from a request, in the same form. */
export const UNCONDITIONAL: readonly string[] = ['if-none-match', '', 'if-modified-since', ''];

/**
 * Whether a client has what a kept answer would give it, so that 304 is the answer (RFC 9110, section 13.2.2; RFC 9111,
 * section 4.3.2). If-None-Match alone counts where it is present; a date that cannot be read does not.
 */
export function isNotModified(request: RequestFields, kept: Validated): boolean {
  if (kept.status !== 200 && kept.status !== 203) return false;
  const condition = requestValue(request, 'if-none-match');
  if (condition !== undefined) return condition.trim() === '*' || listsTag(condition, fieldValue(kept.headers, 'etag'));
  const since = requestValue(request, 'if-modified-since');
  const asked = since === undefined ? undefined : parseHttpDate(since, kept.storedAt);
  if (asked === undefined) return false;
  const modified = fieldValue(kept.headers, 'last-modified');
  const changed = modified === undefined ? undefined : parseHttpDate(modified, kept.storedAt);
  return (changed ?? dateOf(kept.headers, kept.storedAt)) <= asked;
}

/**
 * The fields of a 304 that stands for a kept answer (RFC 9110, section 15.4.5): those that describe the body are left
 * out, except where they tell the client which one it is.
 */
export function notModifiedFields(headers: readonly string[]): string[] {
  const hasTag = fieldValue(headers, 'etag') !== undefined;
  return withoutFields(
    headers,
    (name) => (name.startsWith('content-') && name !== 'content-location') || (hasTag && name === 'last-modified'),
  );
}

/**
 * Whether a 304 speaks of a kept answer (RFC 9111, section 4.3.4). One without any validator does: it answers a
 * question about this answer alone, and servers exist that leave them out.
 */
export function isAbout(kept: readonly string[], newer: readonly string[]): boolean {
  const tag = fieldValue(newer, 'etag');
  if (tag !== undefined) {
    const own = fieldValue(kept, 'etag');
    return own !== undefined && (isWeak(tag) ? matchWeakly(tag, own) : matchStrongly(tag, own));
  }
  const modified = fieldValue(newer, 'last-modified');
  return modified === undefined || modified === fieldValue(kept, 'last-modified');
}

/**
 * Whether an answer to HEAD describes a kept answer to GET (RFC 9111, section 4.3.5): every validator that it has is
 * the same, and so is the length.
 */
export function isDescribedBy(kept: { headers: readonly string[]; body: Buffer }, head: readonly string[]): boolean {
  const length = fieldValue(head, 'content-length');
  return (
    ['etag', 'last-modified'].every((name) => {
      const value = fieldValue(head, name);
      return value === undefined || value === fieldValue(kept.headers, name);
    }) &&
    (length === undefined || length === String(kept.body.length))
  );
}

function listsTag(condition: string, tag: string | undefined): boolean {
  if (tag === undefined) return false;
  if (condition.trim() === tag) return true;
  return (condition.match(ENTITY_TAG) ?? []).some((candidate) => matchWeakly(candidate, tag));
}

function isWeak(tag: string): boolean {
  return tag.startsWith('W/');
}

function opaque(tag: string): string {
  return isWeak(tag) ? tag.slice(2) : tag;
}
