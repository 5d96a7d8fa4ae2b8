import { METRICS } from '../service/telemetry/catalogue.ts';
import { increase, max, series, subtract, sum, time } from '../service/telemetry/expression/index.ts';
import type { Panel } from '../service/telemetry/panels/index.ts';
import { THRESHOLDS } from '../service/telemetry/thresholds.ts';

const KEEPER = METRICS.drillActive.exporter;

/** Panels of drills: whether they take place, how they end, and whether they leave anything behind. */
export const DRILL_PANELS = [
  {
    id: 'drill-age',
    title: 'Since the last drill',
    description:
      'Time since a drill last ran as it should, before the first since 1970; red when a month and a few days have gone.',
    unit: 's',
    kind: 'stat',
    exporters: [KEEPER],
    queries: () => [subtract(time(), max(['namespace'], series(METRICS.drillLastSuccess)))],
    legends: ['age'],
    threshold: () => ({ value: THRESHOLDS.drilledWithin, bad: 'above' }),
  },
  {
    id: 'drill-runs',
    title: 'Endings of experiments',
    description:
      'How experiments ended, when they did: failed ones refuted what is believed, refused ones touched nothing.',
    unit: 'short',
    kind: 'timeseries',
    exporters: [KEEPER],
    queries: () => [sum(['namespace', 'result'], increase(series(METRICS.drillRuns)))],
    legends: ['{{result}}'],
  },
  {
    id: 'drill-active',
    title: 'Experiments',
    description: 'Experiments that run now: what is broken on purpose.',
    unit: 'short',
    kind: 'timeseries',
    exporters: [KEEPER],
    queries: () => [max(['namespace', 'experiment'], series(METRICS.drillActive))],
    legends: ['{{experiment}}'],
  },
  {
    id: 'drill-faults',
    title: 'Faults, and who takes them back',
    description:
      'Faults that outlived their deadline, of which there must be none; and whether the keeper is there while an experiment runs.',
    unit: 'short',
    kind: 'timeseries',
    exporters: [KEEPER],
    queries: () => [
      max(['namespace'], series(METRICS.drillFaultOverdue)),
      max(['namespace'], series(METRICS.drillActive)),
      max(['namespace'], series(METRICS.up, { job: KEEPER })),
    ],
    legends: ['past the deadline', 'an experiment runs', 'the keeper is reached'],
  },
] as const satisfies readonly Panel[];
