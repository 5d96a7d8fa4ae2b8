import type { IncomingMessage, ServerResponse } from 'node:http';
import { toMilliseconds, type Route } from '../definition/index.ts';
import { contextOf, type Trace, type TraceContext } from '../telemetry/trace/index.ts';
import type { Problem } from './problem.ts';
import type { Reply } from './reply.ts';

/** Who sent a request: the holder of a key or session, whoever watches releases (`probe`), else the client's address. */
export type Caller =
  | {
      /** Names the caller in limits, never in logs or metrics. */
      readonly id: string;
      readonly kind: 'address' | 'key' | 'session';
      /** Who owns what the caller creates; absent for an address. */
      readonly owner?: string;
      /** The tier of the caller's key; absent where it has none. */
      readonly tier?: string;
    }
  // No limit holds it, and it has no account.
  | { readonly id: 'probe'; readonly kind: 'probe'; readonly owner?: never; readonly tier?: never };

/** A route that is ready to be served. */
export type ServedRoute = Route & { readonly id: string; readonly handler: Handler };

/** Answers one request; throws a Problem where it cannot. */
export type Handler = (exchange: Exchange) => Reply | Promise<Reply>;

/** A query after validation. */
export type ParsedQuery = {
  readonly query: Readonly<Record<string, string>>;
  /** The same for all queries that ask for the same thing, whatever the order of their parameters. */
  readonly key: string;
};

/** The model that a request asked for, and the one that the provider says has answered. */
export type ModelUse = { readonly asked: string; answered?: string };

/** What stages have found out about a request target; requests of the same target share it. */
export type TargetMemo = {
  query?: ParsedQuery;
  cacheKey?: string;
};

/** One request and what the stages learn about it on the way to the answer. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly route: ServedRoute;
  /** Values of the path template's parameters. */
  readonly params: Readonly<Record<string, string>>;
  /** When the request came, by the monotonic clock in milliseconds. */
  readonly startedAt: number;
  /** What is known of the target from requests before. */
  readonly memo: TargetMemo;
  /** The client's own address, behind however many trusted proxies. */
  clientAddress = '';
  caller: Caller = { id: '', kind: 'address' };
  /** Why the caller is to be turned away, once the limits are charged. */
  refusal: Problem | undefined = undefined;
  /** The query as sent, without `?`. */
  search: string;
  /** Query parameters after validation. */
  query: Readonly<Record<string, string>> = {};
  /** The same for all queries that ask for the same thing, whatever the order of their parameters. */
  queryKey = '';
  /** The body after parsing and validation. */
  body: unknown = undefined;
  /** The bytes that `body` was parsed from. */
  rawBody: Buffer | undefined = undefined;
  /** The model that it asks for; undefined where it asks for none. */
  model: ModelUse | undefined = undefined;
  /** Headers that stages add to whatever the answer will be; flat. */
  readonly replyHeaders: string[] = [];
  /** What is noted of its steps; undefined while tracing is off. */
  trace: Trace | undefined = undefined;
  #context: TraceContext | undefined;
  #abort: AbortController | undefined;
  #endings: (() => void)[] | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(init: {
    request: IncomingMessage;
    response: ServerResponse;
    requestId: string;
    route: ServedRoute;
    params: Readonly<Record<string, string>>;
    search: string;
    startedAt: number;
    memo?: TargetMemo;
  }) {
    this.request = init.request;
    this.response = init.response;
    this.requestId = init.requestId;
    this.route = init.route;
    this.params = init.params;
    this.search = init.search;
    this.startedAt = init.startedAt;
    this.memo = init.memo ?? {};
  }

  /**
   * Aborts when the route's time is over or the client has left; made on first use, since most answers from the
   * cache never need it. Its reason is a DOMException: `TimeoutError` or `AbortError`.
   */
  get signal(): AbortSignal {
    if (!this.#abort) {
      const abort = new AbortController();
      this.#abort = abort;
      this.#timer = setTimeout(
        () => abort.abort(new DOMException('The route took too long', 'TimeoutError')),
        this.remainingMs,
      );
      this.response.once('close', () => {
        this.stopDeadline();
        if (!this.response.writableFinished) abort.abort(new DOMException('The client left', 'AbortError'));
      });
      // One that left before anybody asked has told so already.
      if (this.response.destroyed && !this.response.writableFinished) {
        this.stopDeadline();
        abort.abort(new DOMException('The client left', 'AbortError'));
      }
    }
    return this.#abort.signal;
  }

  /** By what logs and the upstream know the request, also while tracing is off; made on first use. */
  get traceContext(): TraceContext {
    return this.trace ?? (this.#context ??= contextOf(this.request.headers));
  }

  /** Milliseconds until the route's time is over; 0 when it is. */
  get remainingMs(): number {
    return Math.max(0, timeoutOf(this.route) - (performance.now() - this.startedAt));
  }

  /** Has something done once when the answer is sent, cut off or given up; what was taken is given back so. */
  atEnd(action: () => void): void {
    (this.#endings ??= []).push(action);
  }

  /** Does what was asked for the end, once. */
  end(): void {
    const endings = this.#endings;
    if (endings === undefined) return;
    this.#endings = undefined;
    for (const action of endings) action();
  }

  /** Ends the route's deadline: the first byte of the answer is on its way. */
  stopDeadline(): void {
    clearTimeout(this.#timer);
  }
}

const timeouts = new WeakMap<ServedRoute, number>();

/** A route's time in milliseconds; its text is read once. */
function timeoutOf(route: ServedRoute): number {
  const known = timeouts.get(route);
  if (known !== undefined) return known;
  const timeout = toMilliseconds(route.timeout);
  timeouts.set(route, timeout);
  return timeout;
}
