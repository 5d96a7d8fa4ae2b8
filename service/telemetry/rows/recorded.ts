import type { Metric } from '../metric.ts';

const recorded = <const Name extends string>(
  name: Name,
  help: string,
  by: readonly string[],
): Metric & { readonly name: Name } => ({
  name,
  type: 'gauge',
  help,
  labels: ['namespace', ...by],
  exporter: 'prometheus',
});

/** What rules record for other rules and for panels. They carry the labels named here and none of a target. */
export const RECORDED = {
  /** What an objective counts, and what of it was bad, each second. */
  events: recorded('slo:events:rate5m', 'Events of an objective per second.', ['slo']),
  badEvents: recorded('slo:events_bad:rate5m', 'Events of an objective per second that were bad.', ['slo']),
  /** The share that was bad, in the last 5 minutes and so on. */
  badShare5m: recorded('slo:sli_error:ratio_rate5m', 'Share of the events of an objective that were bad.', ['slo']),
  badShare30m: recorded('slo:sli_error:ratio_rate30m', 'The same, of half an hour.', ['slo']),
  badShare1h: recorded('slo:sli_error:ratio_rate1h', 'The same, of an hour.', ['slo']),
  badShare2h: recorded('slo:sli_error:ratio_rate2h', 'The same, of two hours.', ['slo']),
  badShare6h: recorded('slo:sli_error:ratio_rate6h', 'The same, of six hours.', ['slo']),
  badShare1d: recorded('slo:sli_error:ratio_rate1d', 'The same, of a day.', ['slo']),
  badShare3d: recorded('slo:sli_error:ratio_rate3d', 'The same, of three days.', ['slo']),
  badShareBudget: recorded('slo:sli_error:ratio_rate_budget', 'The same, of the time that the budget is for.', ['slo']),
  /** What the objective admits, and what of it is left. */
  budget: recorded('slo:error_budget:ratio', 'Share of the events of an objective that may be bad.', ['slo']),
  budgetLeft: recorded('slo:error_budget_left:ratio', 'Share of the budget that is left; below 0 it is overdrawn.', [
    'slo',
  ]),
  /** Each release by itself, in the window that it is judged by. */
  releaseRequests: recorded('release:requests:increase', 'Requests that a release answered.', ['pod_template_hash']),
  releaseErrors: recorded('release:requests_failed:ratio_rate', 'Share of them that it failed.', ['pod_template_hash']),
  releaseTimed: recorded('release:requests_timed:increase', 'Requests of a release whose time counts.', [
    'pod_template_hash',
  ]),
  releaseFast: recorded('release:requests_fast:ratio_rate', 'Share of those that it answered fast enough.', [
    'pod_template_hash',
  ]),
} as const satisfies Readonly<Record<string, Metric>>;
