import type { IncomingHttpHeaders } from 'node:http';
import { newSpanId, newTraceId } from './ids.ts';
import type { Span, SpanKind } from './span.ts';
import { parseTraceparent, parseTracestate, type TraceParent } from './traceparent.ts';

/** By what logs, spans and the upstream know a request. */
export type TraceContext = TraceParent & {
  /** What other tracing systems have written (`tracestate`); passed on as it is. */
  readonly state: string | undefined;
  /** Begins a span of this trace; undefined, as where there is no such function, when it records none. */
  begin?(name: string, kind?: SpanKind): Span | undefined;
};

/**
 * The context of a request that nobody records: the caller's own, so that its trace has no gap, or where it has none a
 * new one, so that what the gateway and the upstream log can be told to belong together.
 */
export function contextOf(headers: IncomingHttpHeaders): TraceContext {
  return parentOf(headers) ?? { traceId: newTraceId(), spanId: newSpanId(), sampled: false, state: undefined };
}

/** The caller's own context; undefined where it names none, or one that cannot be read. */
export function parentOf({ traceparent, tracestate }: IncomingHttpHeaders): TraceContext | undefined {
  // A header given twice is no traceparent; node:http has joined the two, or made a list of them.
  const parent = typeof traceparent === 'string' ? parseTraceparent(traceparent) : undefined;
  if (!parent) return undefined;
  return { ...parent, state: parseTracestate(Array.isArray(tracestate) ? tracestate.join(',') : tracestate) };
}
