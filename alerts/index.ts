export type { Alert, Runbook, Severity } from './alert.ts';
export { ALERTS, alertsOf, type AlertId } from './table.ts';
export { alertmanagerConfig, alertmanagerConfigSpec } from './routing.ts';
export { prometheusConfig } from './prometheus-config.ts';
export { ruleGroups, type RuleGroups } from './rule-groups.ts';
export { runbook } from './runbook.ts';
