import { METRICS } from '../service/telemetry/catalogue.ts';
import { increase, max, series, subtract, sum, time } from '../service/telemetry/expression/index.ts';
import type { Panel } from '../service/telemetry/panels/index.ts';

/** Panels of what the guard and the drills tell. */
export const RELEASE_PANELS = [
  {
    id: 'rollbacks',
    title: 'Releases found bad',
    description: 'Releases that the guard found bad: restored to the one before, failed to, or left to people.',
    unit: 'short',
    kind: 'timeseries',
    exporters: ['guard'],
    queries: () => [sum(['namespace', 'result'], increase(series(METRICS.rollbacks)))],
    legends: ['{{result}}'],
  },
  {
    id: 'drill-age',
    title: 'Since the last drill',
    description: 'Time since a drill last ran as it should; red when a month and a few days have gone.',
    unit: 's',
    kind: 'stat',
    exporters: ['guard'],
    queries: () => [subtract(time(), max(['namespace'], series(METRICS.drillLastSuccess)))],
    legends: ['age'],
    threshold: () => ({ value: 35 * 86_400, bad: 'above' }),
  },
  {
    id: 'drill-active',
    title: 'Experiments',
    description: 'Experiments that run now: what is broken on purpose.',
    unit: 'short',
    kind: 'timeseries',
    exporters: ['drill'],
    queries: () => [max(['namespace', 'experiment'], series(METRICS.drillActive))],
    legends: ['{{experiment}}'],
  },
] as const satisfies readonly Panel[];
