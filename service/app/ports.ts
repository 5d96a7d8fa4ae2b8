import type { Readable } from 'node:stream';

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
  }): Promise<UpstreamAnswer>;
};

/** An answer of the upstream. */
export type UpstreamAnswer = {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
};

/** The sessions as handlers see them. Every call rejects when the store does not answer. */
export type Sessions = {
  create(owner: string): Promise<{ token: string; expiresAt: Date }>;
  find(token: string): Promise<{ readonly owner: string; readonly expiresAt: Date } | undefined>;
  end(token: string): Promise<void>;
};
