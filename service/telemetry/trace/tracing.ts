import { toFraction, toMilliseconds, toPerSecond, type Service } from '../../definition/index.ts';
import type { Collector } from './collector.ts';
import type { FinishedSpan } from './finished.ts';
import { createSpanExporter } from './otlp.ts';
import { SpanQueue, type ExportOutcome } from './span-queue.ts';
import { createTracer, type Tracer } from './tracer.ts';

/** What a process traces with. */
export type Tracing = {
  readonly tracer: Tracer;
  /** Sends what waits, for a moment, and ends. */
  close(): Promise<void>;
};

/** Settings of tracing. */
export type TracingOptions = {
  readonly collector: Collector;
  readonly settings: Service['telemetry']['traces'];
  /** Told of so many spans. */
  readonly onSpans: (outcome: ExportOutcome, spans: number) => void;
};

/** Spans that may wait for the collector: about two megabytes. */
const CAPACITY = 4_096;
/** Spans that are written down in one go, in about a millisecond. */
const BATCH = 128;
const DELAY_MS = 1_000;
const CLOSE_MS = 1_000;

/** Traces of one process, on their way to a collector. */
export function createTracing({ collector, settings, onSpans }: TracingOptions): Tracing {
  const exporter = createSpanExporter(collector);
  const queue = new SpanQueue<readonly FinishedSpan[]>({
    send: (traces) => exporter.send(traces.flat()),
    sizeOf: (spans) => spans.length,
    capacity: CAPACITY,
    batch: BATCH,
    delayMs: DELAY_MS,
    onOutcome: onSpans,
  });
  const tracer = createTracer({
    sampling: {
      share: toFraction(settings.sample),
      slowMs: toMilliseconds(settings.slow),
      askedPerSecond: toPerSecond(settings.asked),
      keptPerSecond: toPerSecond(settings.kept),
    },
    queue,
    onDropped: (spans) => onSpans('dropped', spans),
  });
  return {
    tracer,
    async close() {
      await queue.close(CLOSE_MS);
      void exporter.close();
    },
  };
}
