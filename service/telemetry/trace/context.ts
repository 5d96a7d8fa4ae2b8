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
export function contextOf({ traceparent, tracestate }: IncomingHttpHeaders): TraceContext {
  const parent = parseTraceparent(joined(traceparent));
  if (parent) return { ...parent, state: parseTracestate(joined(tracestate)) };
  return { traceId: newTraceId(), spanId: newSpanId(), sampled: false, state: undefined };
}

function joined(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value;
}
