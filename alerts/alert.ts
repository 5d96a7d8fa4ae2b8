import type { DashboardId, Duration, Exporter, Service, Team } from '../service/definition/index.ts';

/**
 * `page` wakes somebody now; `ticket` waits for working hours; `release` goes to the guard alone, which withdraws the
 * release; `none` is a heartbeat, whose silence is the alarm.
 */
export type Severity = 'page' | 'ticket' | 'release' | 'none';

/** The rules that are evaluated together, one after the other, and as often. */
export type GroupId = 'objectives' | 'budgets' | 'causes' | 'forecasts' | 'release';

/** What whoever is woken has to know and do. */
export type Runbook = {
  readonly meaning: string;
  /** What users notice. */
  readonly impact: string;
  /** Questions, each with the PromQL or the command that answers it. */
  readonly firstLook: (service: Service) => Readonly<Record<string, string>>;
  readonly fix: readonly string[];
};

/** What an environment must be like for an alert to make sense there. */
export type Condition = {
  /** In words that follow "only where". */
  readonly where: string;
  readonly holds: (service: Service) => boolean;
};

/** One alert. */
export type Alert = {
  /** Name of the alert and of its runbook section, in PascalCase. */
  readonly id: string;
  readonly severity: Severity;
  readonly team: Team;
  readonly group: GroupId;
  /** Exporters one of which the environment must run for the alert to be there; absent: it always is. */
  readonly exporters?: readonly Exporter[];
  /** Absent: the alert makes sense everywhere. */
  readonly only?: Condition;
  /** How long the expression must hold without a gap. */
  readonly for: Duration | ((service: Service) => Duration);
  /** How long it goes on firing after the expression held last, so that it explains what it leaves behind; absent: not. */
  readonly keepFiring?: Duration;
  /** PromQL that has a result while something is wrong; its result keeps `namespace`, by which alerts are routed. */
  readonly expression: (service: Service) => string;
  /** The same words every time: what notifications are grouped and searched by. */
  readonly summary: string;
  /** One sentence with the values, in Prometheus' template language. */
  readonly description: string;
  readonly runbook: Runbook;
  /** The panel that draws what the expression compares, and the dashboard that it is on. */
  readonly panel: string;
  readonly dashboard: DashboardId;
} & (
  | { /** The experiment that trips it on purpose. */ readonly experiment: string; readonly ruleTestOnly?: never }
  | { /** Why only a rule test trips it. */ readonly ruleTestOnly: string; readonly experiment?: never }
);

/**
 * How long a cause goes on firing when it is over, where the budget that it burnt would else wake somebody a second
 * time: as long as the shortest window still shows it.
 */
export const EXPLAINED: Duration = '5m';

/** How long an alert must hold in an environment. */
export function pendingOf(alert: Pick<Alert, 'for'>, service: Service): Duration {
  return typeof alert.for === 'function' ? alert.for(service) : alert.for;
}
