import { MAX_SECONDS, parseSeconds, type ResponseDirectives } from './cache-control.ts';
import { fieldValue } from './fields.ts';
import { parseHttpDate } from './http-date.ts';

/** When an answer was asked for and when its head came, wall clock in milliseconds. */
export type AnswerTimes = { readonly requestedAt: number; readonly receivedAt: number };

/** How long an answer without a time of its own counts as fresh (RFC 9111, section 4.2.2). */
export type Heuristic = {
  /** Share of the time since Last-Modified. */
  readonly fraction: number;
  readonly maxMs: number;
};

const MAX_MS = MAX_SECONDS * 1_000;

/** Milliseconds of the Date of an answer, of its arrival where it has none that can be read (RFC 9110, section 6.6.1). */
export function dateOf(fields: readonly string[], receivedAt: number): number {
  const date = fieldValue(fields, 'date');
  return (date === undefined ? undefined : parseHttpDate(date, receivedAt)) ?? receivedAt;
}

/**
 * How long an answer is fresh from its generation on, in milliseconds, never negative (RFC 9111, section 4.2.1, for a
 * shared cache). An Expires that is no date has passed already (section 5.3).
 */
export function freshnessLifetimeMs(
  fields: readonly string[],
  directives: ResponseDirectives,
  receivedAt: number,
  heuristic?: Heuristic,
): number {
  const seconds = directives.sMaxAge ?? directives.maxAge;
  if (seconds !== undefined) return seconds * 1_000;
  const date = dateOf(fields, receivedAt);
  const expires = fieldValue(fields, 'expires');
  if (expires !== undefined) return bounded((parseHttpDate(expires, receivedAt) ?? date) - date);
  const modified = fieldValue(fields, 'last-modified');
  if (!heuristic || modified === undefined) return 0;
  const since = date - (parseHttpDate(modified, receivedAt) ?? date);
  return Math.min(bounded(since * heuristic.fraction), heuristic.maxMs);
}

/** How old an answer was when it came, in milliseconds, never negative (RFC 9111, section 4.2.3). */
export function initialAgeMs(fields: readonly string[], { requestedAt, receivedAt }: AnswerTimes): number {
  // Date has no parts of a second: compared to a finer clock, every answer would seem older than it is.
  const apparent = Math.floor(receivedAt / 1_000) * 1_000 - dateOf(fields, receivedAt);
  const delay = Math.max(0, receivedAt - requestedAt);
  return bounded(Math.max(apparent, ageFieldMs(fieldValue(fields, 'age')) + delay));
}

/** How old a kept answer is now, in milliseconds, never negative, even when the clock was set back. */
export function currentAgeMs(initialMs: number, receivedAt: number, now: number): number {
  return bounded(initialMs + Math.max(0, now - receivedAt));
}

/** The first of several counts, and what is no number does not (RFC 9111, section 5.1). */
function ageFieldMs(value: string | undefined): number {
  return (parseSeconds(value?.split(',', 1)[0]?.trim()) ?? 0) * 1_000;
}

function bounded(milliseconds: number): number {
  return Math.min(Math.max(0, milliseconds), MAX_MS);
}
