import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Lane } from '../../definition/index.ts';
import type { Breaker } from '../../resilience/index.ts';
import type { TraceContext } from '../../telemetry/trace/index.ts';
import type { Relay } from '../relay.ts';

/** A request to the upstream. */
export type UpstreamRequest = {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** By name, or flat (name, value, name, value); a flat list is taken over and added to. */
  readonly headers?: Readonly<Record<string, string>> | string[];
  /** A stream is read as the upstream takes it, and left as it is, never destroyed, when the upstream takes no more. */
  readonly body?: string | Buffer | Readable;
  /** Ends the request, its retries and the reading of its body. */
  readonly signal?: AbortSignal;
  /** Does the same when it closes before it has finished; cheaper than a signal. */
  readonly client?: ServerResponse;
  /** Milliseconds that are left for an answer's head; default, and at most, the budget. */
  readonly timeoutMs?: number;
  /** Bounds the same more tightly; the upstream is not told of it, whose whole answer has `timeoutMs`. Default none. */
  readonly headTimeoutMs?: number | undefined;
  /** Whether it may be tried again after a failure (RFC 9110, section 9.2.2). */
  readonly idempotent: boolean;
  /** Whose connections it uses; default `critical`. */
  readonly lane?: Lane;
  /** Whether its answer is likely to come over a long time: it then uses the connections for streams. Default false. */
  readonly stream?: boolean;
  /** Stands in front of this request instead of the lane's breaker. */
  readonly breaker?: Breaker;
  /** What it belongs to: each attempt is a span of it, and tells the upstream so in place of the headers given. */
  readonly trace?: TraceContext | undefined;
};

/** The head of the upstream's answer, and its body as it comes. */
export class UpstreamResponse {
  readonly status: number;
  /** By lower-case name; those that came several times as a list, in their order. */
  readonly fields: IncomingHttpHeaders;
  readonly body: Relay;
  #joined: Readonly<Record<string, string>> | undefined;

  constructor(status: number, fields: IncomingHttpHeaders, body: Relay) {
    this.status = status;
    this.fields = fields;
    this.body = body;
  }

  /** By lower-case name; those that came several times are joined by commas. */
  get headers(): Readonly<Record<string, string>> {
    this.#joined ??= Object.fromEntries(
      Object.entries(this.fields).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]),
    );
    return this.#joined;
  }
}

/** How an attempt ended; `refused`: the breaker let it not even begin. */
export type AttemptOutcome = 'ok' | 'error' | 'timeout' | 'aborted' | 'refused';

/** Header that tells the upstream how many milliseconds this attempt is waited for, as Envoy names it. */
export const DEADLINE_HEADER = 'x-envoy-expected-rq-timeout-ms';
