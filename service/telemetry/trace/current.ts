import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span, SpanKind } from './span.ts';
import type { Trace } from './trace.ts';

const traces = new AsyncLocalStorage<Trace>();

/** Does the work of a request: whatever it waits for finds its trace, without being handed it. */
export function runInTrace<Argument, Result>(
  trace: Trace,
  work: (argument: Argument) => Result,
  argument: Argument,
): Result {
  return traces.run(trace, work, argument);
}

/** Begins a span of the request that is being worked on; undefined outside of one. */
export function beginSpan(name: string, kind?: SpanKind): Span | undefined {
  return traces.getStore()?.begin(name, kind);
}
