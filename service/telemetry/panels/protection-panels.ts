import { METRICS } from '../catalogue.ts';
import { divide, max, series } from '../expression/index.ts';
import { THRESHOLDS } from '../thresholds.ts';
import { rateBy, totalBy, type Panel } from './panel.ts';

/** Panels of what protects the gateway, and of what answers depend on. */
export const PROTECTION_PANELS = [
  {
    id: 'lanes',
    title: 'Lanes',
    description: 'Share of what each lane may work on at once, in the pod where that is most.',
    unit: 'percentunit',
    kind: 'timeseries',
    queries: () => [max(['lane'], divide(series(METRICS.laneInFlight), series(METRICS.laneLimit)))],
    legends: ['{{lane}}'],
  },
  {
    id: 'queues',
    title: 'Waiting',
    description: 'Requests that wait for their turn in a lane, and queries that wait for a connection to Postgres.',
    unit: 'short',
    kind: 'timeseries',
    queries: () => [totalBy(METRICS.laneQueued, ['lane']), totalBy(METRICS.poolWaiting, ['lane'])],
    legends: ['{{lane}}', '{{lane}}, Postgres'],
  },
  {
    id: 'streams',
    title: 'Streams',
    description: 'Streamed answers under way in each pod; they have a cap of their own.',
    unit: 'short',
    kind: 'timeseries',
    queries: () => [totalBy(METRICS.streams, ['pod'])],
    legends: ['{{pod}}'],
  },
  {
    id: 'streams-cut',
    title: 'Cut answers',
    description: 'Answers per second that broke off after their head was sent; their callers saw half of them.',
    unit: 'ops',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.streamsCut, ['namespace', 'lane'])],
    legends: ['{{lane}}'],
  },
  {
    id: 'shed',
    title: 'Refused for want of room',
    description:
      'Requests per second that a lane refused because it was full, and answers of 503 that came of it: those who wait for the same share one. Background goes first.',
    unit: 'reqps',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.shed, ['namespace', 'lane']), rateBy(METRICS.shedAnswers, ['namespace', 'lane'])],
    legends: ['{{lane}}', '{{lane}}, answers'],
  },
  {
    id: 'breakers',
    title: 'Breakers not closed',
    description:
      'Worker processes of a pod that leave a dependency alone or only try whether it works again, in the pod where they are most.',
    unit: 'short',
    kind: 'timeseries',
    queries: () => [max(['namespace', 'breaker'], series(METRICS.breakersOpen))],
    legends: ['{{breaker}}'],
  },
  {
    id: 'breaker-transitions',
    title: 'Breakers at work',
    description: 'How often breakers opened, tried and closed; many at once are a dependency that comes and goes.',
    unit: 'ops',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.breakerTransitions, ['breaker', 'state'])],
    legends: ['{{breaker}} {{state}}'],
  },
  {
    id: 'upstream-attempts',
    title: 'Upstream',
    description: 'Attempts at the upstream per second by outcome; more attempts than misses are retries.',
    unit: 'ops',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.upstreamAttempts, ['outcome'])],
    legends: ['{{outcome}}'],
  },
  {
    id: 'upstream-pools',
    title: 'Connections to the upstream',
    description:
      'Share of the connections to the upstream that are in use, in the pod where that is most, and requests that wait for one.',
    unit: 'short',
    kind: 'timeseries',
    queries: () => [
      max(['pool'], divide(series(METRICS.upstreamConnections), series(METRICS.upstreamConnectionsLimit))),
      totalBy(METRICS.upstreamWaiting, ['pool']),
    ],
    legends: ['{{pool}}', '{{pool}}, waiting'],
  },
  {
    id: 'store-errors',
    title: 'Store errors',
    description: 'Calls per second of each store that failed or timed out. Steady errors are a store out of reach.',
    unit: 'ops',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.storeErrors, ['namespace', 'store'])],
    legends: ['{{store}}'],
  },
  {
    id: 'pool-use',
    title: 'Postgres pools',
    description: 'Share of its connections that each lane has open, in the pod where that is most.',
    unit: 'percentunit',
    kind: 'timeseries',
    queries: () => [max(['namespace', 'lane'], divide(series(METRICS.poolConnections), series(METRICS.poolLimit)))],
    legends: ['{{lane}}'],
    threshold: () => ({ value: THRESHOLDS.poolUse, bad: 'above' }),
  },
] as const satisfies readonly Panel[];
