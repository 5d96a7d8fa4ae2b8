import type { Metric } from '../metric.ts';

/** What became of the lines and traces that tell of requests: losing some is right, losing them silently is not. */
export const REPORTING_METRICS = {
  logDropped: {
    name: 'gateway_log_lines_dropped_total',
    type: 'counter',
    help: 'Lines of the log that were dropped because nobody took them.',
    labels: [],
    exporter: 'gateway',
  },
  traceSpans: {
    name: 'gateway_trace_spans_total',
    type: 'counter',
    help: 'Spans of kept traces by whether the collector took them.',
    labels: ['export'],
    exporter: 'gateway',
  },
} as const satisfies Readonly<Record<string, Metric>>;
