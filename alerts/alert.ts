import type { Duration, Exporter, Service } from '../service/definition/index.ts';

/** `page` wakes somebody now; `ticket` waits for working hours. */
export type Severity = 'page' | 'ticket';

/** What whoever is woken has to know and do. */
export type Runbook = {
  readonly meaning: string;
  /** What users notice. */
  readonly impact: string;
  /** Questions, each with the PromQL or the command that answers it. */
  readonly firstLook: (service: Service) => Readonly<Record<string, string>>;
  readonly fix: readonly string[];
};

/** One alert. */
export type Alert = {
  /** Name of the alert and of its runbook section, in PascalCase. */
  readonly id: string;
  readonly severity: Severity;
  /** Exporters one of which the environment must run for the alert to be there; absent: it always is. */
  readonly exporters?: readonly Exporter[];
  /** How long the expression must hold without a gap. */
  readonly for: Duration;
  /** PromQL that has a result while something is wrong; its result keeps `namespace`, by which alerts are routed. */
  readonly expression: (service: Service) => string;
  /** The same words every time: what notifications are grouped and searched by. */
  readonly summary: string;
  /** One sentence with the values, in Prometheus' template language. */
  readonly description: string;
  readonly runbook: Runbook;
  /** The panel that draws what the expression compares. */
  readonly panel: string;
} & (
  | { /** The experiment that trips it on purpose. */ readonly experiment: string; readonly ruleTestOnly?: never }
  | { /** Why only a rule test trips it. */ readonly ruleTestOnly: string; readonly experiment?: never }
);
