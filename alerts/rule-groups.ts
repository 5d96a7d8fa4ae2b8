import type { Duration, Service, Team } from '../service/definition/index.ts';
import { pendingOf, type Alert, type GroupId, type Severity } from './alert.ts';
import { linksOf, type Links } from './links.ts';
import { budgetRecordings, objectiveRecordings, releaseRecordings, type Recording } from './recording-rules.ts';
import { alertsOf } from './table.ts';
import { wholeUnits } from './whole-units.ts';

/** Rules as Prometheus reads them from a file and as the `spec` of a PrometheusRule holds them. */
export type RuleGroups = {
  readonly groups: readonly {
    readonly name: string;
    readonly interval: Duration;
    readonly rules: readonly (RecordingRule | AlertingRule)[];
  }[];
};

/** One recording rule of Prometheus. */
export type RecordingRule = {
  readonly record: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
};

/** One alerting rule of Prometheus. */
export type AlertingRule = {
  readonly alert: string;
  readonly expr: string;
  readonly for: Duration;
  readonly keep_firing_for?: Duration;
  readonly labels: {
    readonly severity: Severity;
    readonly team: Team;
    readonly service: string;
    /** Alerts are routed by it, and not every result has it. */
    readonly namespace: string;
  };
  readonly annotations: { readonly summary: string; readonly description: string } & Links;
};

type Group = {
  readonly id: GroupId;
  /** How often its rules are evaluated. */
  readonly interval: (service: Service) => Duration;
  /** What is recorded before its alerts are judged: inside a group rules follow each other. */
  readonly recordings?: (service: Service) => readonly Recording[];
};

const often = ({ monitoring }: Service): Duration => wholeUnits(monitoring.evaluationInterval);

/** The groups in the order of the file. */
const GROUPS: readonly Group[] = [
  { id: 'objectives', interval: often, recordings: objectiveRecordings },
  // A day hardly moves within two minutes, and a month holds half a million samples.
  { id: 'budgets', interval: () => '2m', recordings: budgetRecordings },
  { id: 'causes', interval: often },
  { id: 'forecasts', interval: () => '1m' },
  // Part of the time that a bad release is found in.
  { id: 'release', interval: often, recordings: releaseRecordings },
];

/** What an environment records and the alerts on it, as rules for Prometheus 2.42 and later. */
export function ruleGroups(service: Service): RuleGroups {
  const alerts = Map.groupBy(alertsOf(service), ({ group }) => group);
  const groups = GROUPS.map(({ id, interval, recordings }) => ({
    name: `${service.name}-${id}`,
    interval: interval(service),
    rules: [
      ...(recordings?.(service) ?? []).map(recordingRule),
      ...(alerts.get(id) ?? []).map((alert) => alertingRule(alert, service)),
    ],
  }));
  return { groups: groups.filter(({ rules }) => rules.length > 0) };
}

function recordingRule({ metric, expression, labels }: Recording): RecordingRule {
  return { record: metric.name, expr: expression, labels };
}

function alertingRule(alert: Alert, service: Service): AlertingRule {
  const { id, severity, team, summary, description, keepFiring } = alert;
  return {
    alert: id,
    expr: alert.expression(service),
    for: wholeUnits(pendingOf(alert, service)),
    ...(keepFiring !== undefined && { keep_firing_for: wholeUnits(keepFiring) }),
    labels: { severity, team, service: service.name, namespace: service.namespace },
    annotations: { summary, description, ...linksOf(alert, service) },
  };
}
