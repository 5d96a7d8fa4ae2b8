import type { IncomingMessage } from 'node:http';
import { toMilliseconds } from '../definition/index.ts';
import type { TraceContext } from '../telemetry/trace/index.ts';
import { Exchange, type Caller } from './exchange.ts';

/** What a detached exchange differs in from the request that it was made for. */
export type Detachment = {
  /** Nobody waits for the answer any more. */
  readonly abandoned: AbortSignal;
  /** The answer is for everyone: who asked is left out, so that nothing of it can be in the answer. */
  readonly anonymous: boolean;
};

const ANYBODY: Caller = Object.freeze({ id: 'cache', kind: 'address' });
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'x-api-key']);

/**
 * A request that is worked on without its client: it goes on when that leaves, has the route's whole time from now on,
 * and ends when whoever made it says so (`end`).
 */
export class DetachedExchange extends Exchange {
  readonly #abort = new AbortController();
  readonly #abandoned: AbortSignal;
  readonly #asked: Exchange;
  readonly #deadline: NodeJS.Timeout;
  readonly #abandon = (): void => this.#abort.abort(this.#abandoned.reason);

  constructor(of: Exchange, { abandoned, anonymous }: Detachment) {
    const { request, response, requestId, route, params, search, memo } = of;
    super({
      request: anonymous ? withoutCredentials(request, route.method) : request,
      response,
      requestId,
      route,
      params,
      // What no schema describes is in no key of a cache, so it must be in no answer.
      search: anonymous && route.query === undefined ? '' : search,
      startedAt: performance.now(),
      memo,
    });
    this.trace = of.trace;
    this.#asked = of;
    this.caller = anonymous ? ANYBODY : of.caller;
    this.clientAddress = anonymous ? '' : of.clientAddress;
    this.query = of.query;
    this.queryKey = of.queryKey;
    this.#abandoned = abandoned;
    this.#deadline = setTimeout(
      () => this.#abort.abort(new DOMException('The route took too long', 'TimeoutError')),
      toMilliseconds(route.timeout),
    );
    if (abandoned.aborted) this.#abandon();
    else abandoned.addEventListener('abort', this.#abandon, { once: true });
  }

  override get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** That of the request that it is for: what is fetched belongs to its trace. */
  override get traceContext(): TraceContext {
    return this.#asked.traceContext;
  }

  override stopDeadline(): void {
    clearTimeout(this.#deadline);
  }

  override end(): void {
    this.stopDeadline();
    this.#abandoned.removeEventListener('abort', this.#abandon);
    super.end();
  }
}

function withoutCredentials(request: IncomingMessage, method: string): IncomingMessage {
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !CREDENTIALS.has(name)));
  const rawHeaders = request.rawHeaders.filter(
    (_, index, all) => !CREDENTIALS.has((all[index - (index % 2)] ?? '').toLowerCase()),
  );
  return Object.create(request, {
    headers: { value: headers },
    rawHeaders: { value: rawHeaders },
    method: { value: method },
  }) as IncomingMessage;
}
