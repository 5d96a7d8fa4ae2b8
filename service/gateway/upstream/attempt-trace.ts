import { ATTRIBUTES, failureOf, formatTraceparent, type Span, type TraceContext } from '../../telemetry/trace/index.ts';

/** The attempts of one request as spans of its trace: each has its own, which the upstream is told. */
export class AttemptTrace {
  readonly #trace: TraceContext;
  readonly #headers: string[];
  /** Where in the headers the value stands that differs with each attempt. */
  readonly #place: number;
  #span: Span | undefined;

  /** Adds to `headers`, flat, what tells the upstream of the trace. */
  constructor(trace: TraceContext, headers: string[]) {
    this.#trace = trace;
    this.#headers = headers;
    if (trace.state !== undefined) headers.push('tracestate', trace.state);
    this.#place = headers.push('traceparent', '') - 1;
  }

  /** An attempt begins, after so many others. */
  begin(method: string, before: number): void {
    const { traceId, spanId, sampled } = this.#trace;
    this.#span = this.#trace.begin?.('upstream', 'client')?.set(ATTRIBUTES.method, method);
    if (before > 0) this.#span?.set(ATTRIBUTES.resendCount, before);
    this.#headers[this.#place] = formatTraceparent({ traceId, spanId: this.#span?.id ?? spanId, sampled });
  }

  /** The head of its answer has come. */
  onHead(status: number): void {
    this.#span?.set(ATTRIBUTES.status, status).end(status >= 400 ? String(status) : undefined);
  }

  /** No head will come. */
  onFailure(error: Error, timedOut: boolean): void {
    this.#span?.end(timedOut ? 'timeout' : failureOf(error));
  }
}
