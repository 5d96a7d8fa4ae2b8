import { toFraction } from '../service/definition/index.ts';
import { METRICS, RECORDED, type Metric } from '../service/telemetry/catalogue.ts';
import { increase, max, series, subtract, sum, time, type Expression } from '../service/telemetry/expression/index.ts';
import { THRESHOLDS } from '../service/telemetry/thresholds.ts';
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
    id: 'release-requests',
    title: 'Requests of each release',
    description: 'Requests that each release answered in the window that it is judged by; too few are not judged.',
    unit: 'short',
    kind: 'timeseries',
    exporters: ['guard'],
    queries: () => [RECORDED.releaseRequests, RECORDED.releaseTimed].map((metric) => ofRelease(metric)),
    legends: ['{{pod_template_hash}}', '{{pod_template_hash}}, timed'],
    threshold: ({ release }) => ({ value: release.minimumSample, bad: 'below' }),
  },
  {
    id: 'release-errors',
    title: 'Errors of each release',
    description: 'Share of its requests that each release failed; above the line the guard withdraws it.',
    unit: 'percentunit',
    kind: 'timeseries',
    exporters: ['guard'],
    queries: () => [ofRelease(RECORDED.releaseErrors)],
    legends: ['{{pod_template_hash}}'],
    threshold: ({ release }) => ({ value: toFraction(release.errors), bad: 'above' }),
  },
  {
    id: 'release-fast',
    title: 'Fast answers of each release',
    description: 'Share of its requests that each release answered fast enough; below the line the guard withdraws it.',
    unit: 'percentunit',
    kind: 'timeseries',
    exporters: ['guard'],
    queries: () => [ofRelease(RECORDED.releaseFast)],
    legends: ['{{pod_template_hash}}'],
    threshold: () => ({ value: THRESHOLDS.releaseFast, bad: 'below' }),
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
    threshold: () => ({ value: THRESHOLDS.drilledWithin, bad: 'above' }),
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

function ofRelease(metric: Metric): Expression {
  return max(['namespace', 'pod_template_hash'], series(metric));
}
