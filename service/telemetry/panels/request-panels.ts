import { toFraction, toSeconds } from '../../definition/index.ts';
import { GATEWAY_JOB, METRICS, MODEL_ROUTES, PROBE_ROUTES } from '../catalogue.ts';
import { above, divide, quantile, series, sum, type Expression } from '../expression/index.ts';
import { rateBy, totalBy, type Panel } from './panel.ts';

const COUNTED = { route: `!~${PROBE_ROUTES.join('|')}` };
const TIMED = { route: `!~${[...PROBE_ROUTES, ...MODEL_ROUTES].join('|')}`, status_class: '!=4xx' };

/** Panels of what users notice: rate, errors, duration, and how they stand against the objectives. */
export const REQUEST_PANELS = [
  {
    id: 'request-rate',
    title: 'Requests',
    description: 'Requests per second of each route, whatever their answer.',
    unit: 'reqps',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.requestDuration, ['route'], {}, '_count')],
    legends: ['{{route}}'],
  },
  {
    id: 'answers',
    title: 'Answers',
    description: 'Requests per second by the class of their answer: 4xx is refused, 5xx is failed.',
    unit: 'reqps',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.requestDuration, ['status_class'], {}, '_count')],
    legends: ['{{status_class}}'],
  },
  {
    id: 'error-ratio',
    title: 'Errors',
    description: 'Share of requests answered with 5xx, without probes; the line is the objective.',
    unit: 'percentunit',
    kind: 'timeseries',
    queries: () => [errorRatio()],
    legends: ['5xx'],
    threshold: ({ slo }) => ({ value: toFraction(slo.errors), bad: 'above' }),
  },
  {
    id: 'latency',
    title: 'Latency',
    description:
      'Without probes, answers of models and refusals (4xx); the line is the objective of the 99th percentile.',
    unit: 's',
    kind: 'timeseries',
    queries: () => [0.99, 0.95, 0.5].map((share) => latency(share)),
    legends: ['P99', 'P95', 'P50'],
    threshold: ({ slo }) => ({ value: toSeconds(slo.latency), bad: 'above' }),
  },
  {
    id: 'route-errors',
    title: 'Errors by route',
    description: 'Requests per second of each route that were answered with 5xx.',
    unit: 'reqps',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.requestDuration, ['route'], { status_class: '5xx' }, '_count')],
    legends: ['{{route}}'],
  },
  {
    id: 'route-latency',
    title: 'Latency by route',
    description: 'The 99th percentile of each route, without refusals (4xx). Models answer as long as they talk.',
    unit: 's',
    kind: 'timeseries',
    queries: () => [
      // Of a route that nobody asks there is none.
      above(quantile(0.99, rateBy(METRICS.requestDuration, ['route', 'le'], { status_class: '!=4xx' }, '_bucket')), 0),
    ],
    legends: ['{{route}}'],
  },
  {
    id: 'pod-errors',
    title: 'Errors by pod',
    description:
      'Share of the requests of each pod answered with 5xx; of one pod or release alone, it is not the upstream.',
    unit: 'percentunit',
    kind: 'timeseries',
    queries: () => [errorRatio(undefined, ['pod'])],
    legends: ['{{pod}}'],
    threshold: ({ slo }) => ({ value: toFraction(slo.errors), bad: 'above' }),
  },
  {
    id: 'active-requests',
    title: 'In flight',
    description: 'Requests in flight in each pod. A rise without more requests means that answers take longer.',
    unit: 'short',
    kind: 'timeseries',
    queries: () => [totalBy(METRICS.activeRequests, ['pod'])],
    legends: ['{{pod}}'],
  },
  {
    id: 'connections',
    title: 'Connections',
    description: 'Open connections of clients in each pod, busy or not.',
    unit: 'short',
    kind: 'timeseries',
    queries: () => [totalBy(METRICS.activeConnections, ['pod'])],
    legends: ['{{pod}}'],
  },
  {
    id: 'objective-errors',
    title: 'Errors, last 24 hours',
    description: 'Share of requests answered with 5xx in the last 24 hours; red above the objective.',
    unit: 'percentunit',
    kind: 'stat',
    queries: () => [errorRatio('1d')],
    legends: ['5xx'],
    threshold: ({ slo }) => ({ value: toFraction(slo.errors), bad: 'above' }),
  },
  {
    id: 'objective-latency',
    title: 'P99, last 24 hours',
    description: '99th percentile of latency in the last 24 hours; red above the objective.',
    unit: 's',
    kind: 'stat',
    queries: () => [latency(0.99, '1d')],
    legends: ['P99'],
    threshold: ({ slo }) => ({ value: toSeconds(slo.latency), bad: 'above' }),
  },
  {
    id: 'pods-up',
    title: 'Pods',
    description: 'Gateway pods that Prometheus reaches; red below the least that the autoscaler keeps.',
    unit: 'short',
    kind: 'stat',
    queries: () => [sum(['job', 'namespace'], series(METRICS.up, { job: GATEWAY_JOB }))],
    legends: ['pods'],
    threshold: ({ scaling }) => ({ value: scaling.min, bad: 'below' }),
  },
] as const satisfies readonly Panel[];

function errorRatio(window?: string, by: readonly string[] = ['namespace']): Expression {
  const perSecond = (matchers: Readonly<Record<string, string>>): Expression =>
    rateBy(METRICS.requestDuration, by, matchers, '_count', window);
  return divide(perSecond({ ...COUNTED, status_class: '5xx' }), perSecond(COUNTED));
}

function latency(share: number, window?: string): Expression {
  return quantile(share, rateBy(METRICS.requestDuration, ['namespace', 'le'], TIMED, '_bucket', window));
}
