import type { Metric } from '../metric.ts';

/** What the keeper of drills tells, which injects their faults and takes them back. */
export const DRILL_METRICS = {
  drillLastSuccess: {
    name: 'gateway_drill_last_success_timestamp_seconds',
    type: 'gauge',
    help: 'When a drill last ran as it should; 0 before the first.',
    labels: [],
    exporter: 'drill-keeper',
  },
  drillActive: {
    name: 'gateway_drill_active',
    type: 'gauge',
    help: 'Whether an experiment runs now.',
    labels: ['experiment'],
    exporter: 'drill-keeper',
  },
  drillFaultOverdue: {
    name: 'gateway_drill_fault_overdue',
    type: 'gauge',
    help: 'Faults that are still there though their deadline is over.',
    labels: [],
    exporter: 'drill-keeper',
  },
  drillRuns: {
    name: 'gateway_drill_runs_total',
    type: 'counter',
    help: 'Runs of experiments by how they ended; refused: nothing was touched.',
    labels: ['result'],
    values: { result: ['passed', 'failed', 'aborted', 'refused'] },
    exporter: 'drill-keeper',
  },
} as const satisfies Readonly<Record<string, Metric>>;
