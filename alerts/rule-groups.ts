import type { Duration, Service } from '../service/definition/index.ts';
import type { Severity } from './alert.ts';
import { alertsOf } from './table.ts';
import { wholeUnits } from './whole-units.ts';

/** Rules as Prometheus reads them from a file and as the `spec` of a PrometheusRule holds them. */
export type RuleGroups = {
  readonly groups: readonly {
    readonly name: string;
    readonly interval: Duration;
    readonly rules: readonly AlertingRule[];
  }[];
};

/** One alerting rule of Prometheus. */
export type AlertingRule = {
  readonly alert: string;
  readonly expr: string;
  readonly for: Duration;
  readonly labels: { readonly severity: Severity; readonly service: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
};

/** The alerts of an environment as rules for Prometheus 2.42 and later. */
export function ruleGroups(service: Service): RuleGroups {
  const rules = alertsOf(service).map((alert): AlertingRule => {
    const { id, severity, summary, description } = alert;
    return {
      alert: id,
      expr: alert.expression(service),
      for: wholeUnits(alert.for),
      labels: { severity, service: service.name },
      annotations: { summary, description, runbook_url: `alerts/RUNBOOK.md#${id.toLowerCase()}` },
    };
  });
  return { groups: [{ name: service.name, interval: wholeUnits(service.monitoring.evaluationInterval), rules }] };
}
