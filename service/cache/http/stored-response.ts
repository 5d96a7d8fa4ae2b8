import type { CacheEntry } from '../entry.ts';
import { parseResponseDirectives, type ResponseDirectives } from './cache-control.ts';
import { fieldValue, type RequestFields } from './fields.ts';
import { dateOf, freshnessLifetimeMs, initialAgeMs, type AnswerTimes, type Heuristic } from './freshness.ts';
import { formatHttpDate } from './http-date.ts';
import { isShared, isStorable, isTimed } from './storability.ts';
import { storedFields, updatedFields } from './stored-fields.ts';
import { hasValidator } from './validators.ts';

/** What is known of a kept answer beside its fields, as it is needed at each use; times in milliseconds. */
export type StoredFacts = {
  /** The answer's age when it came (RFC 9111, section 4.2.3). */
  readonly initialAgeMs: number;
  /** Its Date. */
  readonly dateMs: number;
  /** `no-cache`: never reused without validation. */
  readonly validatedAlways: boolean;
  /** Never given once it is stale: `must-revalidate`, `proxy-revalidate`, `s-maxage`. */
  readonly neverStale: boolean;
  /** May be given to whoever has credentials, and came with them or not (RFC 9111, section 3.5). */
  readonly shared: boolean;
  /** Says nothing of a time, so nothing of for whom it is: not for requests with cookies. */
  readonly untimed: boolean;
  /** Does not change while it is fresh (RFC 8246). */
  readonly immutable: boolean;
  /** How long after its end the origin lets it be given while it is asked anew, or fails (RFC 5861). */
  readonly whileRevalidateMs: number;
  readonly ifErrorMs: number;
  /** What caches nearer to the origin said of it in Cache-Status. */
  readonly cacheStatus?: string;
};

/** An answer that is kept under the rules of RFC 9111. */
export type StoredResponse = CacheEntry & { readonly meta: StoredFacts };

/** The head of an answer, and the request that it answers. */
export type ReceivedHead = {
  readonly method: string;
  readonly request: RequestFields;
  /** Whether the request's own `no-store` is honoured and present. */
  readonly refused: boolean;
  readonly status: number;
  /** Flat: name, value, name, value; names in lower case. */
  readonly headers: readonly string[];
  readonly times: AnswerTimes;
};

/**
 * A kept answer from a head, without its body; undefined when it may not be kept. `heuristic` allows answers that say
 * nothing of a time.
 */
export function storedHead(head: ReceivedHead, heuristic?: Heuristic): Omit<StoredResponse, 'body'> | undefined {
  const { status, headers, times } = head;
  const control = fieldValue(headers, 'cache-control');
  // Most answers that pass say nothing at all: of them nothing more need be asked.
  if (control === undefined && heuristic === undefined && fieldValue(headers, 'expires') === undefined)
    return undefined;
  const directives = parseResponseDirectives(control);
  const question = { ...head, fields: headers, directives, heuristic: heuristic !== undefined };
  if (!isStorable(question)) return undefined;
  const kept = withDate(storedFields(headers, directives), times.receivedAt);
  return { status, headers: kept, ...facts(headers, kept, directives, times, heuristic) };
}

/**
 * A kept answer after its validation: its fields brought up to date by those of the 304 (RFC 9111, section 4.3.4) or of
 * an answer to HEAD (section 4.3.5), its age counted anew; and whether it may still be kept.
 */
export function freshened(
  kept: StoredResponse,
  { headers, request, times }: Pick<ReceivedHead, 'headers' | 'request' | 'times'>,
  heuristic?: Heuristic,
): { readonly response: StoredResponse; readonly storable: boolean } {
  // What the newer answer does not repeat is still in force.
  const merged = updatedFields(kept.headers, withDate(headers, times.receivedAt), parsed(kept.headers, headers));
  const directives = parseResponseDirectives(fieldValue(merged, 'cache-control'));
  const age = fieldValue(headers, 'age');
  const received = age === undefined ? merged : [...merged, 'age', age];
  const response = {
    status: kept.status,
    headers: merged,
    body: kept.body,
    ...facts(received, merged, directives, times, heuristic),
  };
  // That it may be kept without a time was decided when it was stored.
  const question = { method: 'GET', request, refused: false, status: kept.status, fields: merged, directives };
  return { response, storable: isStorable({ ...question, heuristic: true }) };
}

/**
 * How long to keep an answer from its arrival on, in milliseconds: while it is fresh, then as long as it may be given
 * stale, and, if it can be validated, `retainMs`.
 */
export function keepMs({ storedAt, expiresAt, headers, meta }: StoredResponse, retainMs: number): number {
  const stale = meta.neverStale || meta.validatedAlways ? 0 : Math.max(meta.whileRevalidateMs, meta.ifErrorMs);
  return Math.max(0, expiresAt - storedAt) + Math.max(stale, hasValidator({ headers }) ? retainMs : 0);
}

function facts(
  received: readonly string[],
  kept: readonly string[],
  directives: ResponseDirectives,
  times: AnswerTimes,
  heuristic: Heuristic | undefined,
): Pick<StoredResponse, 'storedAt' | 'expiresAt' | 'fetchMs' | 'meta'> {
  const { receivedAt, requestedAt } = times;
  const age = initialAgeMs(received, times);
  const lifetime = freshnessLifetimeMs(kept, directives, receivedAt, heuristic);
  const cacheStatus = fieldValue(received, 'cache-status');
  return {
    storedAt: receivedAt,
    expiresAt: directives.noCache ? receivedAt : receivedAt + Math.max(0, lifetime - age),
    fetchMs: Math.max(0, receivedAt - requestedAt),
    meta: {
      initialAgeMs: age,
      dateMs: dateOf(kept, receivedAt),
      validatedAlways: directives.noCache,
      neverStale: directives.mustRevalidate || directives.proxyRevalidate || directives.sMaxAge !== undefined,
      shared: isShared(directives),
      untimed: !isTimed(kept, directives),
      immutable: directives.immutable,
      whileRevalidateMs: (directives.staleWhileRevalidate ?? 0) * 1_000,
      ifErrorMs: (directives.staleIfError ?? 0) * 1_000,
      ...(cacheStatus === undefined ? {} : { cacheStatus }),
    },
  };
}

/** Directives of the newer fields where they have any, else of the older. */
function parsed(older: readonly string[], newer: readonly string[]): ResponseDirectives {
  return parseResponseDirectives(fieldValue(newer, 'cache-control') ?? fieldValue(older, 'cache-control'));
}

/** An answer without Date has that of its arrival from then on (RFC 9110, section 6.6.1). */
function withDate(fields: readonly string[], receivedAt: number): readonly string[] {
  return fieldValue(fields, 'date') === undefined ? [...fields, 'date', formatHttpDate(receivedAt)] : fields;
}
