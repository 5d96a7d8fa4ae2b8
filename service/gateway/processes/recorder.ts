import { METRICS } from '../../telemetry/catalogue.ts';
import type { Cells } from '../../telemetry/cells.ts';
import type { Log } from '../../telemetry/log.ts';
import { AccessSampling } from '../../telemetry/log-sampling.ts';
import { ATTRIBUTES, brokeOff, OWN_ATTRIBUTES, type Tracer } from '../../telemetry/trace/index.ts';
import type { Exchange } from '../exchange.ts';
import type { Outcome } from '../sender.ts';

/** What becomes of the end of each request: a count, a line in the log, and its trace. */
export type Recorder = {
  readonly onStart: () => void;
  readonly onEnd: (outcome: Outcome) => void;
};

/** Settings of a recorder; all have defaults. */
export type RecorderOptions = {
  /** Lines of requests that ended well in one second; default 50. */
  readonly linesPerSecond?: number;
  /** Ends the traces that the listener begins; absent: there are none. */
  readonly tracer?: Tracer | undefined;
};

/** Counts every request in the cells, logs what sampling admits, and ends each request's trace. */
export function createRecorder(cells: Cells, log: Log, { linesPerSecond, tracer }: RecorderOptions = {}): Recorder {
  const setActive = cells.gauge(METRICS.activeRequests);
  const countShed = cells.tally(METRICS.shedAnswers);
  const offsets = new Map<string, number>();
  const sampling = new AccessSampling({
    ...(linesPerSecond !== undefined && { linesPerSecond }),
    tell: (omitted) => log.info({ omitted }, 'request lines left out'),
  });
  let active = 0;
  const offsetOf = (route: string): number => {
    const offset = offsets.get(route) ?? cells.requireRoute(route);
    offsets.set(route, offset);
    return offset;
  };
  return {
    onStart() {
      setActive(++active);
    },
    onEnd(outcome) {
      const { exchange, status, durationMs, error, shed } = outcome;
      setActive(--active);
      const kept = tracer !== undefined && exchange.trace !== undefined ? endTrace(tracer, outcome) : undefined;
      cells.observeRequest(offsetOf(exchange.route.id), status, durationMs / 1000, kept);
      if (shed !== undefined) countShed({ lane: exchange.route.lane, reason: shed });
      const hasFailed = status >= 500 || brokeOff(status, error);
      if (!sampling.admits(hasFailed, exchange.startedAt + durationMs)) return;
      if (hasFailed) log.error({ ...fieldsOf(outcome), err: error }, 'request failed');
      else log.info(fieldsOf(outcome), 'request');
    },
  };
}

/** What a line tells of a request: who asked (never by what), for what, and how it ended. */
function fieldsOf({ exchange, status, durationMs }: Outcome) {
  const { traceContext, requestId, request, route, caller, model } = exchange;
  return {
    trace_id: traceContext.traceId,
    span_id: traceContext.spanId,
    request_id: requestId,
    method: request.method,
    route: route.id,
    status,
    duration_ms: Math.round(durationMs * 100) / 100,
    client: caller.kind,
    ...(caller.owner !== undefined && { user_id: caller.owner }),
    ...(caller.tier !== undefined && { tier: caller.tier }),
    ...(model && { model: model.asked, model_version: model.answered }),
  };
}

function endTrace(tracer: Tracer, { exchange, status, durationMs, error }: Outcome): string | undefined {
  const { trace, route } = exchange;
  if (!trace) return undefined;
  const name = `${route.method} ${route.path}`;
  return tracer.end(trace, { name, status, durationMs, error, attributes: () => attributesOf(exchange) });
}

function attributesOf({ requestId, request, route, caller, model }: Exchange): (string | number | boolean)[] {
  const attributes: (string | number | boolean)[] = [
    ...[ATTRIBUTES.method, request.method ?? '', ATTRIBUTES.route, route.path],
    ...[OWN_ATTRIBUTES.requestId, requestId, OWN_ATTRIBUTES.lane, route.lane, OWN_ATTRIBUTES.client, caller.kind],
  ];
  if (caller.tier !== undefined) attributes.push(OWN_ATTRIBUTES.tier, caller.tier);
  if (model) attributes.push(ATTRIBUTES.modelAsked, model.asked);
  if (model?.answered !== undefined) attributes.push(ATTRIBUTES.modelAnswered, model.answered);
  return attributes;
}
