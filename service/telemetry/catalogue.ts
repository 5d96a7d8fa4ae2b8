import { matchersText, type Matchers } from './matcher.ts';
import type { Metric } from './metric.ts';
import { AI_METRICS } from './rows/ai.ts';
import { CLUSTER_METRICS } from './rows/cluster.ts';
import { DRILL_METRICS } from './rows/drill.ts';
import { GUARD_METRICS } from './rows/guard.ts';
import { PROCESS_METRICS } from './rows/processes.ts';
import { PROTECTION_METRICS } from './rows/protection.ts';
import { REPORTING_METRICS } from './rows/reporting.ts';
import { REQUEST_METRICS } from './rows/requests.ts';
import { STORE_METRICS } from './rows/stores.ts';

export type { Metric, MetricExporter, MetricType } from './metric.ts';
export { RECORDED } from './rows/recorded.ts';
export { LATENCY_BUCKETS } from './rows/requests.ts';

/** Every metric that a rule, panel or experiment may name. */
export const METRICS = {
  ...REQUEST_METRICS,
  ...AI_METRICS,
  ...PROTECTION_METRICS,
  ...PROCESS_METRICS,
  ...REPORTING_METRICS,
  ...STORE_METRICS,
  ...CLUSTER_METRICS,
  ...GUARD_METRICS,
  ...DRILL_METRICS,
} as const;

export { MODEL_LIMITS } from './rows/ai.ts';

/** What a model is called in metrics that the definition does not list: clients choose names, and there is no end. */
export const OTHER_MODEL = 'other';

/** The bounded values of the labels whose values follow from no definition, by label. */
export const LABEL_VALUES = {
  status_class: ['1xx', '2xx', '3xx', '4xx', '5xx'],
  result: ['hit', 'stale', 'miss', 'bypass', 'error'],
  level: ['l1', 'l2'],
  event: ['stored', 'collapsed', 'refreshed', 'invalidated', 'evicted'],
  reason: ['in-flight', 'queue-full', 'displaced', 'max-wait', 'streams'],
  decision: ['allowed', 'denied', 'unchecked', 'probe'],
  store: ['redis', 'redis-cache', 'postgres', 'primary'],
  pool: ['critical', 'background', 'stream'],
  state: ['closed', 'open', 'half-open'],
  outcome: ['ok', 'error', 'timeout', 'aborted', 'refused'],
  kind: ['minor', 'major', 'incremental', 'weakcb'],
  token_type: ['input', 'output'],
  resource: ['requests', 'tokens'],
  export: ['exported', 'dropped', 'failed'],
} as const;

/** Job name that every scrape of a gateway pod carries. */
export const GATEWAY_JOB = 'gateway';

/** A metric of the gateway as the pod of a withdrawn release tells it: under a job of its own, which nothing counts. */
export function ofWithdrawn(metric: Metric): Metric {
  return { ...metric, exporter: 'gateway-withdrawn' };
}

/** Routes that only probes ask for: no user waits for them, so objectives leave them out. */
export const PROBE_ROUTES = ['health'] as const;

/** Routes that a model answers: they last as long as the model talks, so objectives of latency leave them out. */
export const MODEL_ROUTES = ['chat', 'responses', 'embeddings', 'batch'] as const;

/** A PromQL selector of a metric, `name{label="value"}`; `suffix` picks a histogram's `_bucket`, `_count` or `_sum`. */
export function select(metric: Metric, matchers: Matchers = {}, suffix = ''): string {
  return `${metric.name}${suffix}${matchersText(matchers)}`;
}

/** `select`, of one environment's gateway pods alone: a Prometheus may watch many namespaces with a gateway each. */
export function selectGateway(namespace: string, metric: Metric, matchers: Matchers = {}, suffix = ''): string {
  return select(metric, { job: GATEWAY_JOB, namespace, ...matchers }, suffix);
}

/** `select`, of what the exporters beside one environment's stores tell. */
export function selectExported(namespace: string, metric: Metric, matchers: Matchers = {}): string {
  return select(metric, { job: metric.exporter, namespace, ...matchers });
}
