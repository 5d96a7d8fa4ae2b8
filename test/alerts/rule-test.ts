import { ALERTS, ruleGroups, type AlertId } from '../../alerts/index.ts';
import type { Service } from '../../service/definition/index.ts';
import { GATEWAY_JOB, LATENCY_BUCKETS, METRICS, select, type Metric } from '../../service/telemetry/catalogue.ts';
import { runTool, type ToolResult } from './tools.ts';

/** Series by selector, each with its values in promtool's notation, one every 15 s: `0+2x40` is 10 minutes. */
export type InputSeries = Readonly<Record<string, string>>;

/** What is expected of one alert at one time. */
export type Expectation = {
  readonly alert: AlertId;
  /** Time since the first sample, such as `10m`. */
  readonly at: string;
  /** Absent: the alert is silent. */
  readonly fires?: { readonly labels: Readonly<Record<string, string>>; readonly description: string };
};

/** One situation and whether the alert fires in it. */
export type AlertCase = { readonly title: string; readonly input: InputSeries } & Omit<Expectation, 'alert'>;

/** Labels of a series beside those of its target. */
export type SeriesLabels = Readonly<Record<string, string>>;

/** A series of one gateway pod. */
export function series(
  namespace: string,
  metric: Metric,
  labels: SeriesLabels,
  values: string,
  suffix = '',
): InputSeries {
  const target = { job: GATEWAY_JOB, namespace, pod: 'gateway-1', instance: '10.0.0.1:9464' };
  return { [select(metric, { ...target, ...labels }, suffix)]: values };
}

/** A series that the exporter of a store tells. */
export function exported(namespace: string, metric: Metric, labels: SeriesLabels, values: string): InputSeries {
  const job = metric.exporter;
  return { [select(metric, { job, namespace, pod: `${job}-1`, instance: '10.0.0.2:9121', ...labels })]: values };
}

/**
 * The series of requests with the same labels. `perScrape` says how many end in each 15 s, by the bucket edge in
 * seconds that they end at; `before` is for how many scrapes none does.
 */
export function requests(
  namespace: string,
  labels: SeriesLabels,
  perScrape: Readonly<Record<number, number>>,
  before = 0,
): InputSeries {
  const all = { method: 'GET', lane: 'critical', ...labels };
  const counted = (most: number): string => {
    const count = Object.entries(perScrape).reduce((sum, [edge, n]) => (Number(edge) <= most ? sum + n : sum), 0);
    return `${before > 0 ? `0x${before} ` : ''}0+${count}x120`;
  };
  const buckets = [...LATENCY_BUCKETS, Infinity].map((edge) =>
    series(
      namespace,
      METRICS.requestDuration,
      { ...all, le: edge === Infinity ? '+Inf' : String(edge) },
      counted(edge),
      '_bucket',
    ),
  );
  return Object.assign(
    series(namespace, METRICS.requestDuration, all, counted(Infinity), '_count'),
    ...buckets,
  ) as InputSeries;
}

/** Evaluates the rules of an environment over series with promtool, and compares. */
export function runRules(service: Service, input: InputSeries, expectations: readonly Expectation[]): ToolResult {
  const test = {
    rule_files: ['rules.yaml'],
    evaluation_interval: '15s',
    tests: [
      {
        interval: '15s',
        input_series: Object.entries(input).map(([name, values]) => ({ series: name, values })),
        alert_rule_test: expectations.map(({ alert, at, fires }) => ({
          eval_time: at,
          alertname: alert,
          exp_alerts: fires ? [expected(service, alert, fires)] : [],
        })),
      },
    ],
  };
  return runTool('promtool', ['test', 'rules', 'test.yaml'], { 'rules.yaml': ruleGroups(service), 'test.yaml': test });
}

function expected(
  service: Service,
  alert: AlertId,
  { labels, description }: NonNullable<Expectation['fires']>,
): object {
  const row = ALERTS.find(({ id }) => id === alert);
  return {
    exp_labels: { ...labels, namespace: service.namespace, service: service.name, severity: row?.severity },
    exp_annotations: {
      summary: row?.summary,
      description,
      runbook_url: `alerts/RUNBOOK.md#${alert.toLowerCase()}`,
    },
  };
}
