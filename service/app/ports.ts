import type { Lane } from '../definition/index.ts';
import type { Relay } from '../gateway/relay.ts';
import type { Breaker } from '../resilience/index.ts';
import type { TraceContext } from '../telemetry/trace/index.ts';

/** The upstream as handlers see it: one request, its answer's head and its body as it comes. */
export type Upstream = {
  /** Rejects with a Problem when no answer came, with the signal's reason when that ended it. */
  fetch(request: {
    readonly method: 'GET' | 'POST';
    /** Path and query. */
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Buffer;
    readonly signal: AbortSignal;
    /** Whether it may be tried again after a failure. */
    readonly idempotent: boolean;
    /** Milliseconds that are left for an answer's head: an exchange's `remainingMs`. Default the upstream's budget. */
    readonly timeoutMs?: number;
    /** Whose connections it uses: the lane of the exchange's route. Default `critical`. */
    readonly lane?: Lane;
    /** Whether its answer is likely to come over a long time. Default false. */
    readonly stream?: boolean;
    /** Stands in front of this request instead of the lane's breaker. */
    readonly breaker?: Breaker;
    /** What it belongs to, which the upstream is told: an exchange's `traceContext`. Default nothing. */
    readonly trace?: TraceContext;
  }): Promise<UpstreamAnswer>;
};

/** An answer of the upstream. */
export type UpstreamAnswer = {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Relay;
};

/** The sessions as handlers see them. Every call rejects when the store does not answer. */
export type Sessions = {
  create(owner: string): Promise<IssuedSession>;
  /** The session of a token with what its holder keeps in it; undefined when there is none or it is over. */
  read(token: string): Promise<(Session & { readonly data: Readonly<Record<string, string>> }) | undefined>;
  /** Replaces the data and leaves the end; undefined when there is no such session. */
  update(token: string, data: Readonly<Record<string, string>>): Promise<Session | undefined>;
  /** The same session with a new token; the old one is worth nothing from then on. */
  rotate(token: string): Promise<IssuedSession | undefined>;
  end(token: string): Promise<void>;
  /** Ends every session that a user has now. */
  endAll(owner: string): Promise<void>;
};

/** A user who is logged in. */
export type Session = { readonly owner: string; readonly expiresAt: Date };

/** A session as its holder gets it; `latestEnd`: when it ends, however often it is used. */
export type IssuedSession = { readonly token: string; readonly expiresAt: Date; readonly latestEnd: Date };
