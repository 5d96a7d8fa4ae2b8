import { toBytes, type Service } from '../service/definition/index.ts';
import { METRICS, selectGateway } from '../service/telemetry/catalogue.ts';

const WINDOW = '5m';

// The edge of a bucket: what comes a tenth of a second late, users notice.
const LATE_SECONDS = 0.1;

// A pause for garbage now and then is below this.
const LATE_SHARE = 0.05;

// Of the container's limit, at which the kernel ends the pod.
const MEMORY_USE = 0.9;

// More than one unlucky request in a quarter of an hour.
const RESTARTS = 3;

// A line or span every ten seconds: more than a collector that is replaced costs.
const LOST_PER_SECOND = 0.1;

/** Processes of a pod keep coming late to what is due: something holds their event loop. */
export function eventLoopBlocked({ namespace }: Service): string {
  const samples = (suffix: string, matchers = {}): string =>
    `sum by (namespace, pod) (rate(${selectGateway(namespace, METRICS.eventLoopDelay, matchers, suffix)}[${WINDOW}]))`;
  return `1 - ${samples('_bucket', { le: String(LATE_SECONDS) })} / ${samples('_count')} > ${LATE_SHARE}`;
}

/** A pod uses nearly what its container may. */
export function memoryNearLimit({ namespace, gateway }: Service): string {
  const used = selectGateway(namespace, METRICS.residentMemory);
  return `max by (namespace, pod) (${used}) / ${toBytes(gateway.memory.limit)} > ${MEMORY_USE}`;
}

/** Workers of the gateway keep ending unasked. */
export function workersRestart({ namespace }: Service): string {
  const restarts = selectGateway(namespace, METRICS.workerRestarts);
  return `sum by (namespace) (increase(${restarts}[15m])) >= ${RESTARTS}`;
}

/** Lines of the log are lost. */
export function logLinesDropped({ namespace }: Service): string {
  return `sum by (namespace) (rate(${selectGateway(namespace, METRICS.logDropped)}[${WINDOW}])) > ${LOST_PER_SECOND}`;
}

/** Spans of traces are lost, before they are sent or because nobody takes them. */
export function spansDropped({ namespace }: Service): string {
  const lost = selectGateway(namespace, METRICS.traceSpans, { export: '=~dropped|failed' });
  return `sum by (namespace) (rate(${lost}[${WINDOW}])) > ${LOST_PER_SECOND}`;
}
