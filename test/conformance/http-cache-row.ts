import type { HttpCacheOptions } from '../../service/gateway/stages/http-cache.ts';
import { formatHttpDate } from '../../service/cache/http/index.ts';

/** A value of a field: as it is, several lines, or one that depends on the time of the answer. */
export type Value = string | readonly string[] | ((time: number) => string);

/** How the origin answers one request. */
export type OriginAnswer = {
  /** Default 200. */
  readonly status?: number;
  /** Date is that of the clock unless it is given here; empty leaves it out. */
  readonly headers?: Readonly<Record<string, Value>>;
  /** Default `answer N`, N counting the origin's requests from 1. */
  readonly body?: string;
  /** Seconds that pass before it answers. */
  readonly after?: number;
  /** `body`: breaks off before the end; `head`: no answer at all. */
  readonly broken?: 'body' | 'head';
  /** Without Content-Length. */
  readonly chunked?: true;
  /** The head waits for it. */
  readonly hold?: Promise<unknown>;
  /** All but the first two bytes of the body wait for it. */
  readonly holdBody?: Promise<unknown>;
  /** Fields after the body; needs `chunked`. */
  readonly trailers?: Readonly<Record<string, string>>;
};

/** One request of a client, and what must come of it. */
export type Step = {
  /** Seconds since the beginning; default the time of the step before. */
  readonly at?: number;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How many requests the origin gets because of it, in the end. */
  readonly asked: number;
  /** Default 200. */
  readonly status?: number;
  /** Default `answer N` where N is the number of the origin's requests so far, for steps that ask it once. */
  readonly body?: string;
  /** Fields of the answer; undefined for one that must not be there. */
  readonly expect?: Readonly<Record<string, string | RegExp | undefined>>;
  /** Fields of the request that the origin got; undefined for one that must not be there. */
  readonly sent?: Readonly<Record<string, string | RegExp | undefined>>;
  /** The connection is cut before the answer's end. */
  readonly cut?: true;
  /** Waited for before the next step. */
  readonly until?: 'stored' | 'refreshed';
};

/** One requirement and an exchange that shows it. */
export type Row = {
  /** Of RFC 9111 unless it names another. */
  readonly section: string;
  readonly level: 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'MAY' | 'ought';
  readonly rule: string;
  readonly cache?: Partial<Pick<HttpCacheOptions, 'clientDirectives' | 'heuristic' | 'settings'>>;
  /** One for each request of the origin; the last stands for all further ones. */
  readonly origin: readonly OriginAnswer[];
  readonly steps: readonly Step[];
};

/** A date so many seconds from the answer's time on. */
export const date =
  (seconds: number): Value =>
  (time) =>
    formatHttpDate(time + seconds * 1_000);

/** An answer with this Cache-Control. */
export function control(value: string, headers: OriginAnswer['headers'] = {}): OriginAnswer {
  return { headers: { 'cache-control': value, ...headers } };
}

/** A request that the origin answers. */
export function fetched(step: Partial<Step> = {}): Step {
  return { asked: 1, ...step };
}

/** A request that is answered from the store with the origin's Nth answer. */
export function kept(nth: number, step: Partial<Step> = {}): Step {
  return { asked: 0, body: `answer ${nth}`, ...step };
}

/** Whatever two equal requests get with these answers: the second one the first's answer, or one of its own. */
export function pair(second: 'kept' | 'fetched', answer: OriginAnswer): Pick<Row, 'origin' | 'steps'> {
  return { origin: [answer], steps: [fetched(), second === 'kept' ? kept(1) : fetched()] };
}
