import { setTimeout as wait } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { Pool } from 'undici';
import { toMilliseconds, type Service } from '../definition/index.ts';
import { Problem } from './problem.ts';

/** A request to the upstream. */
export type UpstreamRequest = {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | readonly string[];
  readonly body?: string | Buffer | Readable;
  /** Ends the request, its retries and the reading of its body. */
  readonly signal: AbortSignal;
  /** Whether it may be tried again after a failure. */
  readonly idempotent: boolean;
};

/** The head of the upstream's answer, and its body as it comes. */
export type UpstreamResponse = {
  readonly status: number;
  /** By lower-case name; those that came several times are joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** The one header that cannot be joined. */
  readonly setCookies: readonly string[];
  readonly body: Readable;
};

/** Connections to one origin. */
export type UpstreamClient = {
  /**
   * Rejects with a Problem: `upstream-failed` when no attempt got an answer, `deadline-exceeded` when none came in
   * time; with the signal's reason when that ended it. A 5xx of the last attempt is an answer.
   */
  fetch(request: UpstreamRequest): Promise<UpstreamResponse>;
  close(): Promise<void>;
};

/** How an attempt ended. */
export type AttemptOutcome = 'ok' | 'error' | 'timeout' | 'aborted';

/** Settings of a client. */
export type UpstreamOptions = {
  readonly origin: string;
  readonly settings: Service['upstream'];
  readonly onAttempt: (outcome: AttemptOutcome) => void;
  /** From 0 to 1, for the wait between attempts; default Math.random. */
  readonly random?: () => number;
};

/** A client with a budget of time over all attempts, and attempts with full jitter between them. */
export function createUpstreamClient({
  origin,
  settings,
  onAttempt,
  random = Math.random,
}: UpstreamOptions): UpstreamClient {
  const attemptTimeoutMs = toMilliseconds(settings.attemptTimeout);
  const budgetMs = toMilliseconds(settings.budget);
  const pool = new Pool(origin, {
    connections: settings.connections,
    pipelining: 1,
    keepAliveTimeout: toMilliseconds(settings.keepAlive),
    connectTimeout: toMilliseconds(settings.connectTimeout),
    headersTimeout: budgetMs,
    bodyTimeout: budgetMs,
  });
  const attempt = async (request: UpstreamRequest, timeoutMs: number): Promise<UpstreamResponse> => {
    // The attempt's time is for the head; once that is here, only the caller's own signal ends the body.
    const head = new AbortController();
    const timer = setTimeout(
      () => head.abort(new DOMException('The attempt took too long', 'TimeoutError')),
      timeoutMs,
    );
    try {
      const { statusCode, headers, body } = await pool.request({
        method: request.method,
        path: request.path,
        headers: (request.headers ?? null) as Record<string, string> | null,
        body: request.body ?? null,
        signal: AbortSignal.any([request.signal, head.signal]),
      });
      onAttempt(statusCode >= 500 ? 'error' : 'ok');
      return { status: statusCode, headers: join(headers), setCookies: [headers['set-cookie'] ?? []].flat(), body };
    } catch (error) {
      onAttempt(request.signal.aborted ? 'aborted' : head.signal.aborted ? 'timeout' : 'error');
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    async fetch(request) {
      const attempts = request.idempotent ? settings.attempts : 1;
      const deadline = performance.now() + budgetMs;
      for (let tried = 1; ; tried++) {
        const last = tried === attempts;
        // A request that is tried once has the whole budget: an answer of a model takes longer than a search.
        const limit = attempts === 1 ? budgetMs : Math.min(attemptTimeoutMs, deadline - performance.now());
        try {
          const response = await attempt(request, limit);
          if (response.status < 500 || last) return response;
          response.body.resume();
        } catch (cause) {
          request.signal.throwIfAborted();
          if (last) throw asProblem(cause);
        }
        await wait(random() * toMilliseconds(settings.backoff), undefined, { signal: request.signal }).catch(() =>
          request.signal.throwIfAborted(),
        );
      }
    },
    close: () => pool.close(),
  };
}

function asProblem(cause: unknown): Problem {
  const timeout = cause instanceof DOMException && cause.name === 'TimeoutError';
  return timeout
    ? new Problem('deadline-exceeded', { detail: 'The upstream did not answer in time.', cause })
    : new Problem('upstream-failed', { detail: 'The upstream cannot be reached or broke off.', cause });
}

function join(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && name !== 'set-cookie') joined[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return joined;
}
