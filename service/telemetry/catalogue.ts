/** How a metric behaves. */
export type MetricType = 'counter' | 'gauge' | 'histogram';

/** One metric: its only definition; rules, panels and exporters refer to it. */
export type Metric = {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets in seconds, without +Inf. */
  readonly buckets?: readonly number[];
  /** Who exports it. */
  readonly exporter: 'gateway' | 'prometheus';
};

/** Bucket edges of request latency; thresholds of SLOs and alerts are edges, so that no rule interpolates. */
export const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1, 2.5, 5, 10, 30, 60] as const;

/** Every metric that a rule, panel or experiment may name. */
export const METRICS = {
  requestDuration: {
    name: 'http_server_request_duration_seconds',
    type: 'histogram',
    help: 'Time from the last header of a request to the last byte of its answer.',
    labels: ['route', 'method', 'status_class', 'lane'],
    buckets: LATENCY_BUCKETS,
    exporter: 'gateway',
  },
  activeRequests: {
    name: 'http_server_active_requests',
    type: 'gauge',
    help: 'Requests in flight.',
    labels: [],
    exporter: 'gateway',
  },
  cacheLookups: {
    name: 'gateway_cache_lookups_total',
    type: 'counter',
    help: 'Look-ups in the response cache by result.',
    labels: ['result'],
    exporter: 'gateway',
  },
  limitDecisions: {
    name: 'gateway_limit_decisions_total',
    type: 'counter',
    help: 'Requests by what the limits decided.',
    labels: ['decision'],
    exporter: 'gateway',
  },
  storeErrors: {
    name: 'gateway_store_errors_total',
    type: 'counter',
    help: 'Failed or timed out calls of a store.',
    labels: ['store'],
    exporter: 'gateway',
  },
  upstreamAttempts: {
    name: 'gateway_upstream_attempts_total',
    type: 'counter',
    help: 'Attempts at the upstream by outcome.',
    labels: ['outcome'],
    exporter: 'gateway',
  },
  poolConnections: {
    name: 'gateway_postgres_pool_connections',
    type: 'gauge',
    help: 'Open connections to Postgres by lane.',
    labels: ['lane'],
    exporter: 'gateway',
  },
  poolLimit: {
    name: 'gateway_postgres_pool_connections_limit',
    type: 'gauge',
    help: 'Connections to Postgres that a lane may open in this pod.',
    labels: ['lane'],
    exporter: 'gateway',
  },
  workers: {
    name: 'gateway_workers',
    type: 'gauge',
    help: 'Worker processes that are alive.',
    labels: [],
    exporter: 'gateway',
  },
  workerRestarts: {
    name: 'gateway_worker_restarts_total',
    type: 'counter',
    help: 'Worker processes that ended unasked and were replaced.',
    labels: [],
    exporter: 'gateway',
  },
  residentMemory: {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Resident memory of primary and workers together.',
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
  buildInfo: {
    name: 'gateway_build_info',
    type: 'gauge',
    help: 'Always 1; the labels tell which release runs.',
    labels: ['version', 'commit'],
    exporter: 'gateway',
  },
  up: {
    name: 'up',
    type: 'gauge',
    help: 'Whether the last scrape of a target succeeded.',
    labels: ['job', 'instance', 'namespace', 'pod'],
    exporter: 'prometheus',
  },
} as const satisfies Readonly<Record<string, Metric>>;

/** The bounded values of each label that the gateway sets itself; `route` takes its values from the definition. */
export const LABEL_VALUES = {
  status_class: ['1xx', '2xx', '3xx', '4xx', '5xx'],
  cacheResult: ['hit', 'miss', 'bypass', 'error'],
  decision: ['allowed', 'denied', 'unchecked'],
  store: ['redis', 'postgres', 'primary'],
  outcome: ['ok', 'error', 'timeout', 'aborted'],
} as const;

/** Job name that every scrape of a gateway pod carries. */
export const GATEWAY_JOB = 'gateway';

/** Routes that only probes ask for: no user waits for them, so objectives leave them out. */
export const PROBE_ROUTES = ['health'] as const;

/** Routes that a model answers: they last as long as the model talks, so objectives of latency leave them out. */
export const MODEL_ROUTES = ['chat'] as const;

/** A PromQL selector of a metric, `name{label="value"}`; `suffix` picks a histogram's `_bucket`, `_count` or `_sum`. */
export function select(metric: Metric, matchers: Readonly<Record<string, string>> = {}, suffix = ''): string {
  const inner = Object.entries(matchers).map(
    ([label, value]) => `${label}${/^(=~|!=|!~|=)/.test(value) ? '' : '='}${quoted(value)}`,
  );
  return `${metric.name}${suffix}${inner.length > 0 ? `{${inner.join(',')}}` : ''}`;
}

/** `select`, of one environment's gateway pods alone: a Prometheus may watch many namespaces with a gateway each. */
export function selectGateway(
  namespace: string,
  metric: Metric,
  matchers: Readonly<Record<string, string>> = {},
  suffix = '',
): string {
  return select(metric, { job: GATEWAY_JOB, namespace, ...matchers }, suffix);
}

function quoted(value: string): string {
  const [, operator = '', text = value] = /^(=~|!=|!~|=)(.*)$/s.exec(value) ?? [];
  return `${operator}"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
