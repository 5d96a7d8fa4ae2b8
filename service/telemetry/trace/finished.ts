import { OWN_ATTRIBUTES } from './names.ts';
import type { AttributeValue, SpanKind } from './span.ts';
import type { Trace } from './trace.ts';

/** A span that is over, with nothing left of the request that it was of. Times are of the wall clock, in milliseconds. */
export type FinishedSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** Whether the parent is another program's. */
  readonly parentIsRemote: boolean;
  readonly state: string | undefined;
  readonly sampled: boolean;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly failure: string | undefined;
  /** Flat: name, value, name, value. */
  readonly attributes: readonly AttributeValue[];
};

/** How the request of a trace ended. */
export type FinishedRequest = {
  readonly name: string;
  /** By the monotonic clock, in milliseconds. */
  readonly endedAt: number;
  readonly failure: string | undefined;
  readonly attributes: readonly AttributeValue[];
};

/** A trace as it is exported: the request's own span first, then its steps, of which one that goes on ends with it. */
export function finishedSpans(trace: Trace, request: FinishedRequest): FinishedSpan[] {
  const { traceId, parent, state, sampled } = trace;
  // Asked anew each time: over days, the two clocks drift apart.
  const offset = Date.now() - performance.now();
  const own: FinishedSpan = {
    traceId,
    spanId: trace.spanId,
    parentSpanId: parent?.spanId,
    parentIsRemote: parent !== undefined,
    state,
    sampled,
    name: request.name,
    kind: 'server',
    startedAt: offset + trace.startedAt,
    endedAt: offset + request.endedAt,
    failure: request.failure,
    attributes: request.attributes,
  };
  const steps = trace.spans.map((span): FinishedSpan => {
    const isOver = !Number.isNaN(span.endedAt);
    return {
      traceId,
      spanId: span.id,
      parentSpanId: trace.spanId,
      parentIsRemote: false,
      state,
      sampled,
      name: span.name,
      kind: span.kind,
      startedAt: offset + span.startedAt,
      endedAt: offset + (isOver ? span.endedAt : request.endedAt),
      failure: span.failure,
      attributes: isOver ? span.attributes : [...span.attributes, OWN_ATTRIBUTES.unfinished, true],
    };
  });
  return [own, ...steps];
}
