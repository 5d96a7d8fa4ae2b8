import { METRICS } from '../../telemetry/catalogue.ts';
import type { Cells } from '../../telemetry/cells.ts';
import { AccessSampling, type Log } from '../../telemetry/log.ts';
import type { Outcome } from '../sender.ts';

/** What becomes of the end of each request: a count, and a line in the log. */
export type Recorder = {
  readonly onStart: () => void;
  readonly onEnd: (outcome: Outcome) => void;
};

/** Counts every request in the cells and logs what sampling admits. */
export function createRecorder(cells: Cells, log: Log): Recorder {
  const setActive = cells.gauge(METRICS.activeRequests);
  const offsets = new Map<string, number>();
  const sampling = new AccessSampling((omitted) => log.info({ omitted }, 'request lines left out'));
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
    onEnd({ exchange, status, durationMs, error }) {
      setActive(--active);
      cells.observeRequest(offsetOf(exchange.route.id), status, durationMs / 1000);
      if (!sampling.admits(status, exchange.startedAt + durationMs)) return;
      const fields = {
        request_id: exchange.requestId,
        method: exchange.request.method,
        route: exchange.route.id,
        status,
        duration_ms: Math.round(durationMs * 100) / 100,
        caller: exchange.caller.kind,
      };
      if (status >= 500) log.error({ ...fields, err: error }, 'request failed');
      else log.info(fields, 'request');
    },
  };
}
