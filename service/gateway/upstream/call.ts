import type { IncomingHttpHeaders } from 'node:http';
import type { Breaker, BreakerCall } from '../../resilience/index.ts';
import type { Relay } from '../relay.ts';
import { AttemptTrace } from './attempt-trace.ts';
import { Attempt, type AttemptOwner } from './attempt.ts';
import type { ConnectionPool } from './connection-pool.ts';
import { broken, isRefusal, isTimeout, leftAlone, tooLate, unsendable } from './failure.ts';
import { DEADLINE_HEADER, UpstreamResponse, type AttemptOutcome, type UpstreamRequest } from './request.ts';
import { retryWaitMs } from './retry.ts';

/** What all calls of a client share; times in milliseconds. */
export type CallSettings = {
  readonly budgetMs: number;
  readonly attempts: number;
  readonly attemptTimeoutMs: number;
  readonly backoffMs: number;
  /** Whether one more retry is admitted. */
  readonly tryRetry: () => boolean;
  readonly onAttempt: (outcome: AttemptOutcome) => void;
  /** Told of a kept connection that turned out to be closed. */
  readonly onStale: () => void;
  readonly random: () => number;
  /** Monotonic clock. */
  readonly now: () => number;
  /** Wall clock. */
  readonly wallClock: () => number;
};

/** What one call works with. */
export type CallContext = {
  readonly settings: CallSettings;
  readonly pool: ConnectionPool;
  readonly breaker: Breaker | undefined;
};

/** Makes a request, in as many attempts as are due. Settles as UpstreamClient.fetch says. */
export function callUpstream(context: CallContext, request: UpstreamRequest): Promise<UpstreamResponse> {
  return new Promise((resolve, reject) => {
    new Call(context, request, resolve, reject).begin();
  });
}

/** One request from its first attempt to the last byte of its answer: an object without promises between its steps. */
class Call implements AttemptOwner {
  readonly #context: CallContext;
  readonly #request: UpstreamRequest;
  readonly #resolve: (answer: UpstreamResponse) => void;
  readonly #reject: (reason: Error) => void;
  readonly #headers: string[];
  readonly #trace: AttemptTrace | undefined;
  readonly #attempts: number;
  readonly #deadline: number;
  #attempt: Attempt | undefined;
  #entered: BreakerCall | undefined;
  #timer: NodeJS.Timeout | undefined;
  #tried = 0;
  #triedAnew = false;
  #timedOut = false;
  #over = false;

  constructor(
    context: CallContext,
    request: UpstreamRequest,
    resolve: (answer: UpstreamResponse) => void,
    reject: (reason: Error) => void,
  ) {
    const { budgetMs, attempts, now } = context.settings;
    this.#context = context;
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#headers = flatten(request.headers);
    this.#trace = request.trace && new AttemptTrace(request.trace, this.#headers);
    this.#headers.push(DEADLINE_HEADER, '');
    this.#attempts = request.idempotent ? attempts : 1;
    this.#deadline = now() + Math.min(budgetMs, request.timeoutMs ?? budgetMs);
  }

  begin(): void {
    const { signal, client } = this.#request;
    if (signal?.aborted || (client?.destroyed && !client.writableFinished)) {
      this.#reject(this.#leavingReason());
      return;
    }
    signal?.addEventListener('abort', this.#leave, { once: true });
    client?.once('close', this.#leave);
    this.#try(false);
  }

  onHead(status: number, fields: IncomingHttpHeaders, body: Relay): void {
    clearTimeout(this.#timer);
    this.#trace?.onHead(status);
    this.#context.settings.onAttempt(status >= 500 ? 'error' : 'ok');
    const entered = this.#leaveBreaker();
    if (status === 429) entered?.ignore();
    else if (status >= 500 && status !== 501) entered?.failure();
    else entered?.success();
    const retryAfter = fields['retry-after'];
    const waitMs = status === 429 || status >= 500 ? this.#retryWaitMs(status, retryAfter) : undefined;
    if (waitMs === undefined) {
      this.#resolve(new UpstreamResponse(status, fields, body));
      return;
    }
    this.#attempt = undefined;
    body.discard();
    this.#timer = setTimeout(() => this.#try(false), waitMs);
  }

  onFailure(error: Error): void {
    clearTimeout(this.#timer);
    this.#trace?.onFailure(error, this.#timedOut);
    const attempt = this.#attempt;
    const entered = this.#leaveBreaker();
    const { onAttempt, onStale, tryRetry } = this.#context.settings;
    if (this.#over || attempt?.bodyFailed) {
      onAttempt('aborted');
      entered?.ignore();
      this.#giveUp(this.#leavingReason());
      return;
    }
    if (isRefusal(error)) {
      onAttempt('aborted');
      entered?.ignore();
      this.#giveUp(unsendable(error));
      return;
    }
    const again = attempt !== undefined && !attempt.bodyBegun && (this.#request.idempotent || !attempt.sent);
    if (attempt?.isStale && !this.#timedOut && again && !this.#triedAnew && tryRetry()) {
      onStale();
      entered?.ignore();
      this.#triedAnew = true;
      this.#tried--;
      this.#try(true);
      return;
    }
    const timedOut = this.#timedOut || isTimeout(error);
    onAttempt(timedOut ? 'timeout' : 'error');
    entered?.failure();
    const waitMs = again ? this.#retryWaitMs() : undefined;
    if (waitMs !== undefined) this.#timer = setTimeout(() => this.#try(false), waitMs);
    else this.#giveUp(timedOut ? tooLate(error) : broken(error));
  }

  onBodyEnd(attempt: Attempt): void {
    // The body of an answer that was thrown away may end later than the next attempt began.
    if (attempt === this.#attempt) this.#unsubscribe();
  }

  #try(fresh: boolean): void {
    const { settings, pool, breaker } = this.#context;
    const left = this.#deadline - settings.now();
    if (left <= 0) {
      this.#giveUp(tooLate());
      return;
    }
    if (breaker) {
      this.#entered = breaker.enter();
      if (!this.#entered) {
        settings.onAttempt('refused');
        this.#giveUp(leftAlone(breaker));
        return;
      }
    }
    this.#tried++;
    this.#timedOut = false;
    // A request that is tried once has all the time: an answer of a model takes longer than a search.
    const timeoutMs = this.#attempts === 1 ? left : Math.min(settings.attemptTimeoutMs, left);
    this.#headers[this.#headers.length - 1] = String(Math.floor(timeoutMs));
    const { method, path, body, headTimeoutMs = timeoutMs } = this.#request;
    this.#timer = setTimeout(onTimeout, Math.min(timeoutMs, headTimeoutMs), this);
    this.#trace?.begin(method, this.#tried - 1);
    this.#attempt = new Attempt(this, pool, { method, path, headers: this.#headers, body });
    try {
      this.#attempt.begin(fresh);
    } catch (error) {
      this.#attempt.abort(error as Error);
    }
  }

  /** The time of the attempt is over. */
  timeOut(): void {
    this.#timedOut = true;
    this.#attempt?.abort(new DOMException('The attempt took too long', 'TimeoutError'));
  }

  #retryWaitMs(status?: number, retryAfter?: string): number | undefined {
    const { settings, breaker } = this.#context;
    const { backoffMs, random, now, wallClock, tryRetry } = settings;
    if (this.#tried >= this.#attempts || this.#attempt?.bodyBegun || breaker?.state === 'open') return undefined;
    const leftMs = this.#deadline - now();
    const waitMs = retryWaitMs({ status, retryAfter, leftMs, backoffMs, random, now: wallClock });
    return waitMs !== undefined && tryRetry() ? waitMs : undefined;
  }

  readonly #leave = (): void => {
    // A response closes in either case. What is still asked for after its end is asked for somebody else.
    if (this.#over || this.#request.client?.writableFinished) return;
    this.#over = true;
    clearTimeout(this.#timer);
    const reason = this.#leavingReason();
    this.#attempt?.abort(reason);
    this.#giveUp(reason);
  };

  #leavingReason(): Error {
    const { signal } = this.#request;
    // As it was given, whatever it is: whoever aborted asks for it again.
    return signal?.aborted ? (signal.reason as Error) : new DOMException('The client left', 'AbortError');
  }

  #leaveBreaker(): BreakerCall | undefined {
    const entered = this.#entered;
    this.#entered = undefined;
    return entered;
  }

  #giveUp(reason: Error): void {
    this.#over = true;
    this.#unsubscribe();
    this.#reject(reason);
  }

  #unsubscribe(): void {
    this.#request.signal?.removeEventListener('abort', this.#leave);
    this.#request.client?.off('close', this.#leave);
  }
}

function onTimeout(call: Call): void {
  call.timeOut();
}

function flatten(headers: UpstreamRequest['headers']): string[] {
  return Array.isArray(headers) ? headers : Object.entries(headers ?? {}).flat();
}
