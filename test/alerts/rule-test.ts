import { ALERTS, ruleGroups, type Alert, type AlertId, type RuleGroups } from '../../alerts/index.ts';
import { withValues, type EnvironmentName, type Service } from '../../service/definition/index.ts';
import { relevantRules } from './relevant-rules.ts';
import type { InputSeries } from './samples.ts';
import { runTool, type ToolResult } from './tools.ts';

/** What is expected of one alert at one time. */
export type Expectation = {
  readonly alert: AlertId;
  /** Time since the first sample, such as `10m`. */
  readonly at: string;
  /** Absent: the alert is silent. */
  readonly fires?: { readonly labels: Readonly<Record<string, string>>; readonly description: string };
};

/** How far samples, and evaluations, are apart: the longer a situation, the more. */
export type Interval = '5s' | '15s' | '1m' | '2m';

/** One situation and whether the alert fires in it. */
export type AlertCase = { readonly title: string; readonly input: InputSeries } & Omit<Expectation, 'alert'> & {
    /** Still silent then, because what is wrong has not held long enough. */
    readonly before?: string;
    /** Silent again then, because what was wrong is over. */
    readonly over?: string;
    /** Values of the definition that the situation is in. */
    readonly settings?: readonly string[];
    /** The environment that it is in; absent: prod. */
    readonly environment?: EnvironmentName;
    /** Time between two samples, and between two evaluations; absent: 15 s. */
    readonly every?: Interval;
  };

/** What a recorded series is worth at one time. */
export type RecordedSample = {
  readonly at: string;
  readonly expression: string;
  readonly samples: Readonly<Record<string, number>>;
};

/** Situations of every alert of a table. */
export type CasesOf<Alerts extends readonly { readonly id: string }[]> = Readonly<
  Record<Alerts[number]['id'], readonly AlertCase[]>
>;

/** Evaluates the rules of an environment over series with promtool, and compares alerts. */
export function runRules(
  service: Service,
  input: InputSeries,
  expectations: readonly Expectation[],
  every: Interval = '15s',
): ToolResult {
  const names = expectations.map(({ alert }) => alert);
  return evaluate(relevantRules(rulesEvery(service, every), names), input, every, {
    alert_rule_test: expectations.map(({ alert, at, fires }) => ({
      eval_time: at,
      alertname: alert,
      exp_alerts: fires ? [expected(service, alert, fires)] : [],
    })),
  });
}

/** Evaluates what an environment records over series with promtool, and compares it. */
export function runRecordings(
  service: Service,
  input: InputSeries,
  recorded: readonly RecordedSample[],
  every: Interval = '15s',
): ToolResult {
  return evaluate(relevantRules(rulesEvery(service, every), 'recorded'), input, every, {
    promql_expr_test: recorded.map(({ at, expression, samples }) => ({
      eval_time: at,
      expr: expression,
      exp_samples: Object.entries(samples).map(([labels, value]) => ({ labels, value })),
    })),
  });
}

function rulesEvery(service: Service, every: Interval): RuleGroups {
  return ruleGroups(withValues(service, [`monitoring.evaluationInterval=${every}`]));
}

function evaluate(rules: RuleGroups, input: InputSeries, every: Interval, checks: object): ToolResult {
  const test = {
    rule_files: ['rules.yaml'],
    evaluation_interval: every,
    group_eval_order: rules.groups.map(({ name }) => name),
    tests: [
      {
        interval: every,
        input_series: Object.entries(input).map(([name, values]) => ({ series: name, values })),
        ...checks,
      },
    ],
  };
  return runTool('promtool', ['test', 'rules', 'test.yaml'], { 'rules.yaml': rules, 'test.yaml': test });
}

function expected(
  service: Service,
  alert: AlertId,
  { labels, description }: NonNullable<Expectation['fires']>,
): object {
  const row = (ALERTS as readonly Alert[]).find(({ id }) => id === alert);
  return {
    exp_labels: {
      ...labels,
      namespace: service.namespace,
      service: service.name,
      severity: row?.severity,
      team: row?.team,
    },
    exp_annotations: {
      summary: row?.summary,
      description,
      runbook_url: `alerts/RUNBOOK.md#${alert.toLowerCase()}`,
    },
  };
}
