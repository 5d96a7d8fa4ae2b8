import type { Metric } from '../metric.ts';

/** Bucket edges of pauses: from one that nobody notices to one that trips timeouts. */
const PAUSE_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1] as const;

/** The processes of a pod and the release that they run, and what Prometheus makes of them. */
export const PROCESS_METRICS = {
  workers: {
    name: 'gateway_workers',
    type: 'gauge',
    help: 'Worker processes that are alive and do not stand still.',
    labels: [],
    exporter: 'gateway',
    source: 'primary',
  },
  workerRestarts: {
    name: 'gateway_worker_restarts_total',
    type: 'counter',
    help: 'Worker processes that ended unasked and were replaced.',
    labels: [],
    exporter: 'gateway',
    source: 'primary',
  },
  residentMemory: {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Resident memory of primary and workers together, with what they share once.',
    labels: [],
    exporter: 'gateway',
  },
  cpuSeconds: {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'Processor time of primary and workers together.',
    labels: [],
    exporter: 'gateway',
  },
  heapUsed: {
    name: 'nodejs_heap_size_used_bytes',
    type: 'gauge',
    help: 'Heap in use by primary and workers together.',
    labels: [],
    exporter: 'gateway',
  },
  eventLoopDelay: {
    name: 'gateway_event_loop_delay_seconds',
    type: 'histogram',
    help: 'How much later than due a timer of a process came, sampled.',
    labels: [],
    buckets: PAUSE_BUCKETS,
    exporter: 'gateway',
  },
  garbageCollection: {
    name: 'nodejs_gc_duration_seconds',
    type: 'histogram',
    help: 'Pauses for garbage collection by kind.',
    labels: ['kind'],
    buckets: PAUSE_BUCKETS,
    exporter: 'gateway',
  },
  buildInfo: {
    name: 'gateway_build_info',
    type: 'gauge',
    help: 'Always 1; the labels tell which release runs.',
    labels: ['version', 'commit'],
    exporter: 'gateway',
    source: 'primary',
  },
  up: {
    name: 'up',
    type: 'gauge',
    help: 'Whether the last scrape of a target succeeded.',
    labels: ['job', 'instance', 'namespace', 'pod'],
    exporter: 'prometheus',
  },
  alerts: {
    name: 'ALERTS',
    type: 'gauge',
    help: 'Always 1, for each alert whose expression holds: it waits for its time (pending), or it fires.',
    labels: ['alertname', 'alertstate', 'severity', 'team', 'namespace'],
    values: { alertstate: ['pending', 'firing'], severity: ['page', 'ticket', 'release', 'none'] },
    exporter: 'prometheus',
  },
} as const satisfies Readonly<Record<string, Metric>>;
