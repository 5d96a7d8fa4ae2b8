import { formatDuration, toSeconds, type Duration, type Service } from '../../../service/definition/index.ts';
import { METRICS, type Metric } from '../../../service/telemetry/catalogue.ts';
import type { Breach, Invariant } from '../finding.ts';

/** Thresholds that rules hold the time of requests against, by their path. */
const THRESHOLDS: Readonly<Record<string, (service: Service) => Duration>> = {
  'slo.latency': ({ slo }) => slo.latency,
  'release.latency': ({ release }) => release.latency,
};

/** Edges of histograms stand where somebody asks. */
export const buckets: Invariant = {
  id: 'buckets',
  layers: ['metrics', 'alerts'],
  reason:
    'Of a request, Prometheus knows only between which two edges its time lies. Against a threshold between them it ' +
    'guesses, and wakes people for an objective that holds or lets them sleep through one that does not.',
  formula: 'the edges of each histogram ascend, and each threshold of time is an edge of the time of requests',
  example: { settings: ['slo.latency=450ms'] },
  check: (service) => [...wrongEdges(METRICS), ...thresholdsBetweenEdges(service)],
};

/** Histograms whose edges do not ascend from above zero. */
export function wrongEdges(metrics: Readonly<Record<string, Metric>>): readonly Breach[] {
  return Object.entries(metrics).flatMap(([key, { name, buckets: edges = [] }]) => {
    const wrong = edges.findIndex((edge, index) => !(edge > (edges[index - 1] ?? 0) && edge < Infinity));
    if (wrong < 0) return [];
    const before = wrong === 0 ? 'at the beginning' : `after ${edges[wrong - 1]}`;
    return [
      {
        path: `service/telemetry METRICS.${key}.buckets`,
        problem: `${name} has the edge ${edges[wrong]} ${before}`,
        fixes: [{ edit: 'write the edges in ascending order, each once, all above zero; +Inf is added' }],
      },
    ];
  });
}

function thresholdsBetweenEdges(service: Service): readonly Breach[] {
  const edges: readonly number[] = METRICS.requestDuration.buckets;
  return Object.entries(THRESHOLDS).flatMap(([path, of]) => {
    const threshold = of(service);
    const seconds = toSeconds(threshold);
    if (edges.includes(seconds)) return [];
    const near = [edges.findLast((edge) => edge < seconds), edges.find((edge) => edge > seconds)];
    return [
      {
        path,
        problem: `${threshold} ${path} is no edge of ${METRICS.requestDuration.name}, which has ${edges.map(asDuration).join(', ')}`,
        fixes: near.filter((edge) => edge !== undefined).map((edge) => ({ settings: [`${path}=${asDuration(edge)}`] })),
      },
    ];
  });
}

function asDuration(seconds: number): Duration {
  return formatDuration(Math.round(seconds * 1000));
}
