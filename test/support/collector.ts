import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import protobuf from 'protobufjs';

/** A span as a collector gets it. */
export type CollectedSpan = {
  readonly service: string;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  /** Of OTLP: 1 internal, 2 server, 3 client. */
  readonly kind: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly hasFailed: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
};

/** A collector that takes OTLP over HTTP, or does what a test asks for instead. */
export type Collector = {
  readonly endpoint: string;
  readonly spans: readonly CollectedSpan[];
  /** Headers of each export. */
  readonly exports: readonly IncomingHttpHeaders[];
  close(): Promise<void>;
};

/** The parts of OTLP that are read here, as opentelemetry-proto 1.x has them. */
const OTLP = protobuf
  .parse(
    `
  syntax = "proto3";
  message Request { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5;
    int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
    repeated KeyValue attributes = 9; Status status = 15;
  }
  message Status { string message = 2; int32 code = 3; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue {
    oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; }
  }
`,
  )
  .root.lookupType('Request');

const ERROR = 2;

type KeyValue = { readonly key: string; readonly value: Readonly<Record<string, unknown>> };
type Request = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly Readonly<Record<string, unknown>>[] }[];
  }[];
};

/** Starts a collector; `behaviour`: `takes` what comes, `refuses` with 500, or accepts and stays `silent`. */
export async function startCollector(behaviour: 'takes' | 'refuses' | 'silent' = 'takes'): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const exports: IncomingHttpHeaders[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    void (async () => {
      const body = await buffer(request);
      exports.push(request.headers);
      if (behaviour === 'silent') return;
      if (behaviour === 'refuses' || request.url !== '/v1/traces') {
        response.writeHead(500).end();
        return;
      }
      spans.push(...decode(body));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    })();
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    exports,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function decode(body: Buffer): CollectedSpan[] {
  const { resourceSpans } = OTLP.toObject(OTLP.decode(body), {
    longs: String,
    defaults: true,
    arrays: true,
  }) as Request;
  return resourceSpans.flatMap(({ resource: { attributes }, scopeSpans }) => {
    const resource = valuesOf(attributes);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map((span): CollectedSpan => {
        const status = span.status as { readonly code: number } | null;
        return {
          service: String(resource['service.name']),
          resource,
          traceId: hex(span.traceId),
          spanId: hex(span.spanId),
          parentSpanId: hex(span.parentSpanId),
          traceState: String(span.traceState),
          name: String(span.name),
          kind: Number(span.kind),
          startedAt: Number(span.startTimeUnixNano) / 1e6,
          endedAt: Number(span.endTimeUnixNano) / 1e6,
          hasFailed: status?.code === ERROR,
          attributes: valuesOf(span.attributes as readonly KeyValue[]),
        };
      }),
    );
  });
}

function valuesOf(pairs: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, valueOf(value)]));
}

function valueOf(value: Readonly<Record<string, unknown>>): unknown {
  const [[kind, of] = []] = Object.entries(value);
  return kind === 'intValue' ? Number(of) : of;
}

function hex(bytes: unknown): string {
  return Buffer.from(bytes as Uint8Array).toString('hex');
}
