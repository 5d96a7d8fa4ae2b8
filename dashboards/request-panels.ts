import { toFraction, toSeconds, type Service } from '../service/definition/index.ts';
import { METRICS, MODEL_ROUTES, PROBE_ROUTES, selectGateway } from '../service/telemetry/catalogue.ts';
import { rate, total, WINDOW, type Panel } from './panel.ts';

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
    queries: (service) => [rate(service, METRICS.requestDuration, 'route', {}, '_count')],
    legends: ['{{route}}'],
  },
  {
    id: 'error-ratio',
    title: 'Errors',
    description: 'Share of requests answered with 5xx, without probes; the line is the objective.',
    unit: 'percentunit',
    kind: 'timeseries',
    queries: (service) => [errorRatio(service, WINDOW)],
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
    queries: (service) => [0.99, 0.95, 0.5].map((share) => quantile(service, share, WINDOW)),
    legends: ['P99', 'P95', 'P50'],
    threshold: ({ slo }) => ({ value: toSeconds(slo.latency), bad: 'above' }),
  },
  {
    id: 'active-requests',
    title: 'In flight',
    description: 'Requests in flight in each pod. A rise without more requests means that answers take longer.',
    unit: 'short',
    kind: 'timeseries',
    queries: (service) => [total(service, METRICS.activeRequests, 'pod')],
    legends: ['{{pod}}'],
  },
  {
    id: 'objective-errors',
    title: 'Errors, last 24 hours',
    description: 'Share of requests answered with 5xx in the last 24 hours; red above the objective.',
    unit: 'percentunit',
    kind: 'stat',
    queries: (service) => [errorRatio(service, '1d')],
    legends: ['5xx'],
    threshold: ({ slo }) => ({ value: toFraction(slo.errors), bad: 'above' }),
  },
  {
    id: 'objective-latency',
    title: 'P99, last 24 hours',
    description: '99th percentile of latency in the last 24 hours; red above the objective.',
    unit: 's',
    kind: 'stat',
    queries: (service) => [quantile(service, 0.99, '1d')],
    legends: ['P99'],
    threshold: ({ slo }) => ({ value: toSeconds(slo.latency), bad: 'above' }),
  },
  {
    id: 'pods-up',
    title: 'Pods',
    description: 'Gateway pods that Prometheus reaches; red below the least that the autoscaler keeps.',
    unit: 'short',
    kind: 'stat',
    queries: (service) => [total(service, METRICS.up, 'job, namespace')],
    legends: ['pods'],
    threshold: ({ scaling }) => ({ value: scaling.min, bad: 'below' }),
  },
] as const satisfies readonly Panel[];

function errorRatio({ namespace }: Service, window: string): string {
  const perSecond = (matchers: Readonly<Record<string, string>>): string =>
    `sum by (namespace) (rate(${selectGateway(namespace, METRICS.requestDuration, matchers, '_count')}[${window}]))`;
  return `${perSecond({ ...COUNTED, status_class: '5xx' })} / ${perSecond(COUNTED)}`;
}

function quantile({ namespace }: Service, share: number, window: string): string {
  const buckets = selectGateway(namespace, METRICS.requestDuration, TIMED, '_bucket');
  return `histogram_quantile(${share}, sum by (namespace, le) (rate(${buckets}[${window}])))`;
}
