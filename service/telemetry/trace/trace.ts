import type { TraceContext } from './context.ts';
import { newSpanId, newTraceId } from './ids.ts';
import { Span, type AttributeValue, type SpanKind } from './span.ts';
import type { TraceParent } from './traceparent.ts';

/** Spans that one request may have; further ones are counted, so that a handler in a loop does not fill the memory. */
const MAX_SPANS = 64;

/**
 * What is noted of one request while it is under way, in case its trace is kept. Its ids are made on first use, and
 * what takes no time is noted only where the trace is certain to be kept: a hit of the cache costs next to nothing.
 */
export class Trace implements TraceContext {
  /** When the request came, by the monotonic clock in milliseconds. */
  readonly startedAt: number;
  /** The caller's span, of which this trace is a part. */
  readonly parent: TraceParent | undefined;
  readonly state: string | undefined;
  /** Whether it is kept whatever becomes of the request, which the upstream is told. */
  readonly sampled: boolean;
  /** When the first byte of the answer went out; NaN until then. */
  answeredAt = Number.NaN;
  /** Spans beyond the number that one request may have. */
  leftOut = 0;
  #spans: Span[] | undefined;
  #traceId: string | undefined;
  #spanId: string | undefined;
  #over = false;

  constructor(startedAt: number, parent?: TraceParent, state?: string, sampled = false) {
    this.startedAt = startedAt;
    this.parent = parent;
    this.state = state;
    this.sampled = sampled;
    this.#traceId = parent?.traceId;
  }

  get traceId(): string {
    return (this.#traceId ??= newTraceId());
  }

  /** The request's own span. */
  get spanId(): string {
    return (this.#spanId ??= newSpanId());
  }

  /** The steps so far. */
  get spans(): readonly Span[] {
    return this.#spans ?? NONE;
  }

  /** Begins a step that takes time; undefined once the request is over or has too many. */
  begin(name: string, kind: SpanKind = 'internal'): Span | undefined {
    if (this.#over) return undefined;
    const spans = (this.#spans ??= []);
    if (spans.length >= MAX_SPANS) {
      this.leftOut++;
      return undefined;
    }
    const span = new Span(name, kind, performance.now());
    spans.push(span);
    return span;
  }

  /** Notes a step that was done at once, where the trace is certain to be kept. */
  mark(name: string, attribute: string, value: AttributeValue): void {
    if (this.sampled) this.begin(name)?.set(attribute, value).end();
  }

  /** The request is over: what goes on in the background is no part of it. */
  close(): void {
    this.#over = true;
  }
}

const NONE: readonly Span[] = [];
