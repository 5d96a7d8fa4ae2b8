import {
  createTraceState,
  SpanKind as OtlpKind,
  SpanStatusCode,
  TraceFlags,
  type Attributes,
  type HrTime,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { Collector } from './collector.ts';
import type { FinishedSpan } from './finished.ts';
import { ATTRIBUTES } from './names.ts';
import type { AttributeValue, SpanKind } from './span.ts';

/** Sends spans to a collector. */
export type SpanExporter = {
  /** Whether the collector took them; false when it did not say so within the time for it, retries among it. */
  send(spans: readonly FinishedSpan[]): Promise<boolean>;
  close(): Promise<void>;
};

/** The longest one sending lasts, with its retries. */
const EXPORT_TIMEOUT_MS = 5_000;

type ExportedSpan = Parameters<OTLPTraceExporter['export']>[0][number];

const KINDS: Readonly<Record<SpanKind, OtlpKind>> = {
  server: OtlpKind.SERVER,
  client: OtlpKind.CLIENT,
  internal: OtlpKind.INTERNAL,
};
const SCOPE = { name: 'sluice' };
/** ExportResultCode.SUCCESS, of a package that is the exporter's own affair. */
const SUCCESS = 0;

/**
 * Writes spans by OpenTelemetry's exporter: OTLP over HTTP in protobuf, tried again where that helps. Loaded only where
 * there is a collector: the libraries cost megabytes and a part of the start.
 */
export function createSpanExporter(
  { url, headers, resource: attributes }: Collector,
  timeoutMs = EXPORT_TIMEOUT_MS,
): SpanExporter {
  const exporter = new OTLPTraceExporter({
    url,
    headers: { ...headers },
    // Where it can end an attempt itself, it does so first, and is free for the next.
    timeoutMillis: timeoutMs * 0.9,
    concurrencyLimit: 1,
  });
  const resource = resourceFromAttributes({ ...attributes });
  return {
    send: (spans) =>
      new Promise((resolve) => {
        // The exporter's own time begins when it is connected, and anew with each byte.
        const timer = setTimeout(() => resolve(false), timeoutMs).unref();
        exporter.export(
          spans.map((span) => exported(span, resource)),
          ({ code }) => {
            clearTimeout(timer);
            resolve((code as number) === SUCCESS);
          },
        );
      }),
    close: () => exporter.shutdown(),
  };
}

function exported(span: FinishedSpan, resource: ExportedSpan['resource']): ExportedSpan {
  const { traceId, spanId, parentSpanId, parentIsRemote, name, kind, startedAt, endedAt, failure, state } = span;
  const traceFlags = span.sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  const parent = parentSpanId && { traceId, spanId: parentSpanId, traceFlags, isRemote: parentIsRemote };
  return {
    name,
    kind: KINDS[kind],
    spanContext: () => ({
      traceId,
      spanId,
      traceFlags,
      ...(state !== undefined && { traceState: createTraceState(state) }),
    }),
    ...(parent && { parentSpanContext: parent }),
    startTime: toHrTime(startedAt),
    endTime: toHrTime(endedAt),
    duration: toHrTime(endedAt - startedAt),
    status: failure === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR },
    attributes: {
      ...toAttributes(span.attributes),
      ...(failure !== undefined && { [ATTRIBUTES.errorType]: failure }),
    },
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function toAttributes(flat: readonly AttributeValue[]): Attributes {
  const attributes: Attributes = {};
  for (let index = 0; index < flat.length; index += 2) attributes[String(flat[index])] = flat[index + 1];
  return attributes;
}

/** Seconds and nanoseconds. */
function toHrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1_000);
  return [seconds, Math.round((milliseconds - seconds * 1_000) * 1e6)];
}
