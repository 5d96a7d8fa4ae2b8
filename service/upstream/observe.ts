import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../telemetry/log.ts';
import { AccessSampling } from '../telemetry/log-sampling.ts';
import { ATTRIBUTES, brokeOff, contextOf, type Tracer } from '../telemetry/trace/index.ts';

/** What requests are told to. */
export type ObserverOptions = {
  readonly log: Log;
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer | undefined;
};

/** Told of each request when it comes, with the path of its route. */
export type Observer = (request: IncomingMessage, response: ServerResponse, route: string) => void;

/** Asked every few seconds by whoever runs the program: nothing of them is worth a line. */
const PROBES: ReadonlySet<string> = new Set(['/livez', '/readyz']);

/** Writes a line for requests, under the trace that the gateway said they are part of, and records their spans. */
export function createObserver({ log, tracer }: ObserverOptions): Observer {
  const sampling = new AccessSampling({ tell: (omitted) => log.info({ omitted }, 'request lines left out') });
  return (request, response, route) => {
    if (PROBES.has(route)) return;
    const startedAt = performance.now();
    const trace = tracer?.begin(request.headers, startedAt);
    const { traceId, spanId } = trace ?? contextOf(request.headers);
    const method = request.method ?? '';
    response.once('close', () => {
      const { statusCode: status, writableFinished } = response;
      const durationMs = performance.now() - startedAt;
      const error = writableFinished ? undefined : new Error('broken off');
      if (trace && tracer) {
        const attributes = () => [ATTRIBUTES.method, method, ATTRIBUTES.route, route];
        tracer.end(trace, { name: `${method} ${route}`, status, durationMs, error, attributes });
      }
      if (!sampling.admits(status >= 500 || brokeOff(status, error), startedAt + durationMs)) return;
      log.info(
        { trace_id: traceId, span_id: spanId, method, route, status, duration_ms: Math.round(durationMs * 100) / 100 },
        'request',
      );
    });
  };
}
