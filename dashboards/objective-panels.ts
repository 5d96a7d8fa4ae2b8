import { METRICS, RECORDED, type Metric } from '../service/telemetry/catalogue.ts';
import { divide, max, series, type Expression } from '../service/telemetry/expression/index.ts';
import type { Panel } from '../service/telemetry/panels/index.ts';

/** Panels of what rules make of the metrics: alerts that fire, budgets that are left, and how fast they burn. */
export const OBJECTIVE_PANELS = [
  {
    id: 'alerts-firing',
    title: 'What fires',
    description: 'Alerts that fire now, with their severity: page wakes somebody, ticket waits for working hours.',
    unit: 'short',
    kind: 'names',
    queries: () => [
      max(['alertname', 'severity'], series(METRICS.alerts, { alertstate: 'firing', severity: '!=none' })),
    ],
    legends: ['{{alertname}} ({{severity}})'],
  },
  {
    id: 'budget-left',
    title: 'Budget left',
    description:
      'What is left of the budget of each objective; below 0 more was bad than was promised. Near it, hold back risky releases.',
    unit: 'percentunit',
    kind: 'stat',
    queries: () => [ofObjectives(RECORDED.budgetLeft)],
    legends: ['{{slo}}'],
    threshold: () => ({ value: 0, bad: 'below', near: 0.25 }),
  },
  {
    id: 'budget-history',
    title: 'Budgets',
    description: 'How the budget of each objective went: a step is an incident, a slope is a defect that stays.',
    unit: 'percentunit',
    kind: 'timeseries',
    queries: () => [ofObjectives(RECORDED.budgetLeft)],
    legends: ['{{slo}}'],
    threshold: () => ({ value: 0, bad: 'below', near: 0.25 }),
  },
  {
    id: 'burn-rate',
    title: 'Pace of the budgets',
    description:
      'How many times as fast as it may the budget of each objective burns, in the last hour and the last day; at 1 it lasts exactly as long as it must.',
    unit: 'short',
    kind: 'timeseries',
    queries: () => [RECORDED.badShare1h, RECORDED.badShare1d].map(paceOf),
    legends: ['{{slo}}', '{{slo}}, day'],
    threshold: () => ({ value: 1, bad: 'above' }),
  },
] as const satisfies readonly Panel[];

function paceOf(badShare: Metric): Expression {
  return divide(ofObjectives(badShare), ofObjectives(RECORDED.budget));
}

function ofObjectives(metric: Metric): Expression {
  return max(['namespace', 'slo'], series(metric));
}
