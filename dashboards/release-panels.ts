import { toFraction, toSeconds } from '../service/definition/index.ts';
import { METRICS, ofWithdrawn, RECORDED, type Metric } from '../service/telemetry/catalogue.ts';
import {
  divide,
  max,
  multiply,
  quantile,
  rate,
  series,
  sum,
  type Expression,
} from '../service/telemetry/expression/index.ts';
import { THRESHOLDS } from '../service/telemetry/thresholds.ts';
import type { Panel } from '../service/telemetry/panels/index.ts';

const FAILED = { status_class: '5xx' };

const JUDGED = ['{{pod_template_hash}}', '{{pod_template_hash}}, judged'];

/** Panels of how each release does, and of one that was withdrawn. */
export const RELEASE_PANELS = [
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
    description:
      'Share of its requests that each release failed; one whose window runs is judged, and above the line withdrawn.',
    unit: 'percentunit',
    kind: 'timeseries',
    exporters: ['guard'],
    queries: () => [ofRelease(RECORDED.releaseErrors), whileWatched(RECORDED.releaseErrors)],
    legends: JUDGED,
    threshold: ({ release }) => ({ value: toFraction(release.errors), bad: 'above' }),
  },
  {
    id: 'release-fast',
    title: 'Fast answers of each release',
    description:
      'Share of its requests that each release answered fast enough; one whose window runs is judged, and below the line withdrawn.',
    unit: 'percentunit',
    kind: 'timeseries',
    exporters: ['guard'],
    queries: () => [ofRelease(RECORDED.releaseFast), whileWatched(RECORDED.releaseFast)],
    legends: JUDGED,
    threshold: () => ({ value: THRESHOLDS.releaseFast, bad: 'below' }),
  },
  {
    id: 'withdrawn-errors',
    title: 'Errors of the withdrawn release',
    description:
      'Share of its synthetic requests that the pod of a withdrawn release fails, which is kept outside the Service to be studied.',
    unit: 'percentunit',
    kind: 'timeseries',
    exporters: ['gateway-withdrawn'],
    queries: () => [
      divide(
        sum([], rate(series(ofWithdrawn(METRICS.requestDuration), FAILED, '_count'))),
        sum([], rate(series(ofWithdrawn(METRICS.requestDuration), {}, '_count'))),
      ),
    ],
    legends: ['5xx'],
    threshold: ({ release }) => ({ value: toFraction(release.errors), bad: 'above' }),
  },
  {
    id: 'withdrawn-latency',
    title: 'Latency of the withdrawn release',
    description: 'How long the pod of a withdrawn release takes for the same requests.',
    unit: 's',
    kind: 'timeseries',
    exporters: ['gateway-withdrawn'],
    queries: () =>
      [0.5, 0.95].map((share) =>
        quantile(share, sum(['le'], rate(series(ofWithdrawn(METRICS.requestDuration), {}, '_bucket')))),
      ),
    legends: ['P50', 'P95'],
    threshold: ({ release }) => ({ value: toSeconds(release.latency), bad: 'above' }),
  },
] as const satisfies readonly Panel[];

function ofRelease(metric: Metric): Expression {
  return max(['namespace', 'pod_template_hash'], series(metric));
}

/** The same of the release whose window runs, where it says anything. */
function whileWatched(metric: Metric): Expression {
  return multiply(ofRelease(metric), ofRelease(METRICS.releaseWatched));
}
