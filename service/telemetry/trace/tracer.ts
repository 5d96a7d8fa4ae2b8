import type { IncomingHttpHeaders } from 'node:http';
import { parentOf } from './context.ts';
import { brokeOff } from './failure.ts';
import { finishedSpans, type FinishedSpan } from './finished.ts';
import { ATTRIBUTES, OWN_ATTRIBUTES } from './names.ts';
import { Sampling, type SamplingOptions } from './sampling.ts';
import type { AttributeValue } from './span.ts';
import type { SpanQueue } from './span-queue.ts';
import { Trace } from './trace.ts';

/** How a request ended. */
export type RequestEnd = {
  /** What requests of this kind are called: method and path template. */
  readonly name: string;
  readonly status: number;
  readonly durationMs: number;
  /** Why the gateway could not answer as asked, or why the answer broke off. */
  readonly error: unknown;
  /** Flat: name, value, name, value; asked for only where the trace is kept. */
  readonly attributes: () => readonly AttributeValue[];
};

/** Notes traces, and hands on those that are kept. */
export type Tracer = {
  /** Begins the trace of a request that came at a time of the monotonic clock, in milliseconds. */
  begin(headers: IncomingHttpHeaders, startedAt: number): Trace;
  /** Ends a trace. Its id where it is kept, undefined otherwise. */
  end(trace: Trace, end: RequestEnd): string | undefined;
};

/** Settings of a tracer. */
export type TracerOptions = {
  readonly sampling: SamplingOptions;
  readonly queue: Pick<SpanQueue<readonly FinishedSpan[]>, 'add'>;
  /** Told of spans of a trace that was worth keeping, and one too many in its second. */
  readonly onDropped: (spans: number) => void;
};

/** Notes the traces of one process; see Sampling for those that are kept. */
export function createTracer({ sampling: options, queue, onDropped }: TracerOptions): Tracer {
  const sampling = new Sampling(options);
  return {
    begin(headers, startedAt) {
      const parent = parentOf(headers);
      if (!parent) return new Trace(startedAt, undefined, undefined, sampling.begins(false, startedAt));
      return new Trace(startedAt, parent, parent.state, sampling.begins(parent.sampled, startedAt));
    },
    end(trace, { name, status, durationMs, error, attributes }) {
      trace.close();
      const { startedAt, answeredAt, sampled } = trace;
      const waitedMs = Number.isNaN(answeredAt) ? durationMs : answeredAt - startedAt;
      const isCut = brokeOff(status, error);
      if (!sampled && !sampling.isNotable({ status, brokeOff: isCut, waitedMs })) return undefined;
      const endedAt = startedAt + durationMs;
      if (!sampling.hasRoom(endedAt)) {
        onDropped(1 + trace.spans.length);
        return undefined;
      }
      const failure = status >= 500 ? String(status) : isCut ? 'broke_off' : undefined;
      const all = [...attributes(), ATTRIBUTES.status, status];
      if (trace.leftOut > 0) all.push(OWN_ATTRIBUTES.leftOut, trace.leftOut);
      queue.add(finishedSpans(trace, { name, endedAt, failure, attributes: all }));
      return trace.traceId;
    },
  };
}
