import { listMembers } from './fields.ts';

/** What an answer's Cache-Control says (RFC 9111, section 5.2.2; RFC 5861; RFC 8246); times in seconds. */
export type ResponseDirectives = {
  readonly noStore: boolean;
  /** Without field names: never reused without validation. */
  readonly noCache: boolean;
  /** Without field names: not for a shared cache. */
  readonly private: boolean;
  /** Names of fields, lower case, that `no-cache` or `private` keep out of the store. */
  readonly withheldFields: readonly string[];
  readonly public: boolean;
  readonly mustRevalidate: boolean;
  readonly proxyRevalidate: boolean;
  readonly mustUnderstand: boolean;
  readonly immutable: boolean;
  readonly maxAge: number | undefined;
  readonly sMaxAge: number | undefined;
  readonly staleWhileRevalidate: number | undefined;
  readonly staleIfError: number | undefined;
};

/** What a request's Cache-Control asks for (RFC 9111, section 5.2.1; RFC 5861); times in seconds. */
export type RequestDirectives = {
  readonly noStore: boolean;
  readonly noCache: boolean;
  readonly onlyIfCached: boolean;
  readonly maxAge: number | undefined;
  readonly minFresh: number | undefined;
  readonly maxStale: number | undefined;
  readonly staleIfError: number | undefined;
};

/** The largest time in seconds that counts; whatever is larger counts as this (RFC 9111, section 1.2.2). */
export const MAX_SECONDS = 2 ** 31;

/** Arguments of each directive by its lower-case name, in order; undefined for one without an argument. */
type Directives = ReadonlyMap<string, readonly (string | undefined)[]>;

/**
 * Reads an answer's Cache-Control. Unknown directives are ignored. Of what contradicts itself the most restrictive is
 * taken: the smallest of several times, none at all for a time that is no number, and `no-store` for a field in which
 * a quote is never closed.
 */
export function parseResponseDirectives(value: string | undefined): ResponseDirectives {
  if (value === undefined) return NOTHING_SAID;
  const directives = parseDirectives(value);
  if (directives === undefined) return { ...NOTHING_SAID, noStore: true };
  const noCache = parseNames(directives.get('no-cache'));
  const restricted = parseNames(directives.get('private'));
  return {
    noStore: directives.has('no-store'),
    noCache: noCache === 'all',
    private: restricted === 'all',
    withheldFields: [...(noCache === 'all' ? [] : noCache), ...(restricted === 'all' ? [] : restricted)],
    public: isBare(directives, 'public'),
    mustRevalidate: directives.has('must-revalidate'),
    proxyRevalidate: directives.has('proxy-revalidate'),
    mustUnderstand: isBare(directives, 'must-understand'),
    immutable: isBare(directives, 'immutable'),
    maxAge: smallest(directives.get('max-age'), 0),
    sMaxAge: smallest(directives.get('s-maxage'), 0),
    staleWhileRevalidate: smallest(directives.get('stale-while-revalidate'), 0),
    staleIfError: smallest(directives.get('stale-if-error'), 0),
  };
}

/** Reads a request's Cache-Control; `max-stale` without an argument is `MAX_SECONDS`. */
export function parseRequestDirectives(value: string | undefined): RequestDirectives {
  const directives = value === undefined ? undefined : parseDirectives(value);
  if (directives === undefined) return NOTHING_ASKED;
  const maxStale = directives.get('max-stale');
  return {
    noStore: directives.has('no-store'),
    noCache: directives.has('no-cache'),
    onlyIfCached: directives.has('only-if-cached'),
    maxAge: smallest(directives.get('max-age'), 0),
    minFresh: smallest(directives.get('min-fresh'), MAX_SECONDS),
    maxStale: maxStale?.every((argument) => argument === undefined) ? MAX_SECONDS : smallest(maxStale, 0),
    staleIfError: smallest(directives.get('stale-if-error'), 0),
  };
}

/** A number of seconds; undefined when the text is not a whole number of them. */
export function parseSeconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Math.min(Number(text), MAX_SECONDS) : undefined;
}

const NOTHING_SAID: ResponseDirectives = {
  noStore: false,
  noCache: false,
  private: false,
  withheldFields: [],
  public: false,
  mustRevalidate: false,
  proxyRevalidate: false,
  mustUnderstand: false,
  immutable: false,
  maxAge: undefined,
  sMaxAge: undefined,
  staleWhileRevalidate: undefined,
  staleIfError: undefined,
};

const NOTHING_ASKED: RequestDirectives = {
  noStore: false,
  noCache: false,
  onlyIfCached: false,
  maxAge: undefined,
  minFresh: undefined,
  maxStale: undefined,
  staleIfError: undefined,
};

function parseDirectives(value: string): Directives | undefined {
  const members = listMembers(value);
  if (members === undefined) return undefined;
  const directives = new Map<string, (string | undefined)[]>();
  for (const member of members) {
    const equals = member.indexOf('=');
    const name = (equals < 0 ? member : member.slice(0, equals)).trim().toLowerCase();
    const argument = equals < 0 ? undefined : unquoted(member.slice(equals + 1));
    const given = directives.get(name);
    if (given) given.push(argument);
    else directives.set(name, [argument]);
  }
  return directives;
}

/** Both forms are read, whichever a directive should have (RFC 9111, section 5.2). */
function unquoted(argument: string): string {
  return argument.startsWith('"') && argument.endsWith('"') && argument.length > 1
    ? argument.slice(1, -1).replace(/\\(.)/g, '$1')
    : argument;
}

function isBare(directives: Directives, name: string): boolean {
  return directives.get(name)?.every((argument) => argument === undefined) ?? false;
}

function smallest(values: readonly (string | undefined)[] | undefined, whenUnreadable: number): number | undefined {
  return values && Math.min(...values.map((value) => parseSeconds(value) ?? whenUnreadable));
}

/** The field names that a directive lists; `all` where it stands without any. */
function parseNames(values: readonly (string | undefined)[] | undefined): readonly string[] | 'all' {
  const names: string[] = [];
  for (const value of values ?? []) {
    const listed = (value ?? '').split(',').flatMap((name) => name.trim().toLowerCase() || []);
    if (listed.length === 0) return 'all';
    names.push(...listed);
  }
  return names;
}
