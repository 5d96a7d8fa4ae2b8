import { toFraction } from '../../definition/index.ts';
import { METRICS } from '../catalogue.ts';
import { above, divide, series, sum } from '../expression/index.ts';
import { rateBy, totalBy, type Panel } from './panel.ts';

/** Panels of cache and limits. */
export const CACHE_PANELS = [
  {
    id: 'cache-hit-ratio',
    title: 'Cache hits',
    description: 'Share of look-ups of cacheable answers that the cache answered; the line is the objective.',
    unit: 'percentunit',
    kind: 'timeseries',
    queries: () => [
      divide(
        rateBy(METRICS.cacheLookups, ['namespace'], { result: 'hit' }),
        rateBy(METRICS.cacheLookups, ['namespace'], { result: '=~hit|miss' }),
      ),
    ],
    legends: ['hits'],
    threshold: ({ slo }) => ({ value: toFraction(slo.cacheHits), bad: 'below' }),
  },
  {
    id: 'cache-lookups',
    title: 'Cache look-ups',
    description: 'Look-ups per second by result. Errors are a shared cache that does not answer.',
    unit: 'ops',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.cacheLookups, ['result'])],
    legends: ['{{result}}'],
  },
  {
    id: 'cache-levels',
    title: 'Hits by level',
    description: "Look-ups per second that a kept answer ended: in a worker's memory (l1), or in Redis (l2).",
    unit: 'ops',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.cacheHits, ['level'])],
    legends: ['{{level}}'],
  },
  {
    id: 'cache-events',
    title: 'Cache events',
    description:
      'Answers per second that were stored, shared by several callers, fetched early, invalidated or let go.',
    unit: 'ops',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.cacheEvents, ['event'])],
    legends: ['{{event}}'],
  },
  {
    id: 'cache-memory',
    title: 'Cache memory',
    description: 'Bytes of answers that the workers of each pod keep; at their share, the least used go.',
    unit: 'bytes',
    kind: 'timeseries',
    queries: () => [totalBy(METRICS.cacheBytes, ['pod'])],
    legends: ['{{pod}}'],
  },
  {
    id: 'limit-decisions',
    title: 'Limits',
    description:
      'Requests per second by what the limits decided; unchecked means that their store did not answer, and no limit holds a probe of releases.',
    unit: 'reqps',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.limitDecisions, ['decision'])],
    legends: ['{{decision}}'],
  },
  {
    id: 'limit-denials',
    title: 'Denied by limit',
    description: 'Requests per second that each limit denied, and those that a limit in shadow would have denied.',
    unit: 'reqps',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.limitDenials, ['limit']), rateBy(METRICS.limitShadowDenials, ['limit'])],
    legends: ['{{limit}}', '{{limit}} (shadow)'],
  },
  {
    id: 'limit-forecast',
    title: 'Demand expected',
    description: 'Requests that adaptive limits expect in the minute 15 minutes ahead, and workers in which they act.',
    unit: 'short',
    kind: 'timeseries',
    queries: () => [
      above(sum(['limit'], series(METRICS.limitForecast)), 0),
      above(sum(['limit'], series(METRICS.limitsAdapting)), 0),
    ],
    legends: ['{{limit}}', '{{limit}}, acting'],
  },
  {
    id: 'limit-trips',
    title: 'Trips to the store of limits',
    description: 'Calls of the shared store per limited request; under load one call carries many requests.',
    unit: 'short',
    kind: 'timeseries',
    queries: () => [divide(rateBy(METRICS.limitTrips, ['namespace']), rateBy(METRICS.limitDecisions, ['namespace']))],
    legends: ['calls per request'],
  },
] as const satisfies readonly Panel[];
