import type { Metric } from '../metric.ts';

/** What the programs tell that withdraw bad releases and rehearse faults. */
export const GUARD_METRICS = {
  rollbacks: {
    name: 'gateway_rollbacks_total',
    type: 'counter',
    help: 'Releases found bad, by what became of it: restored, failed to, or left to people.',
    labels: ['result'],
    values: { result: ['restored', 'failed', 'withheld'] },
    exporter: 'guard',
  },
  drillLastSuccess: {
    name: 'gateway_drill_last_success_timestamp_seconds',
    type: 'gauge',
    help: 'When a drill last ran as it should; 0 before the first.',
    labels: [],
    exporter: 'guard',
  },
  drillActive: {
    name: 'gateway_drill_active',
    type: 'gauge',
    help: 'Whether an experiment runs now.',
    labels: ['experiment'],
    exporter: 'drill',
  },
} as const satisfies Readonly<Record<string, Metric>>;
