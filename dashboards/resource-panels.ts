import { toBytes } from '../service/definition/index.ts';
import { METRICS, selectGateway } from '../service/telemetry/catalogue.ts';
import { rate, total, WINDOW, type Panel } from './panel.ts';

/** Panels of what answers depend on: cache, limits, upstream, stores, processes and the release. */
export const RESOURCE_PANELS = [
  {
    id: 'cache-hit-ratio',
    title: 'Cache hits',
    description: 'Share of look-ups of cacheable answers that the cache answered.',
    unit: 'percentunit',
    kind: 'timeseries',
    queries: (service) => [
      `${rate(service, METRICS.cacheLookups, 'namespace', { result: 'hit' })} / ` +
        rate(service, METRICS.cacheLookups, 'namespace', { result: '=~hit|miss' }),
    ],
    legends: ['hits'],
  },
  {
    id: 'cache-lookups',
    title: 'Cache look-ups',
    description: 'Look-ups per second by result. Errors are a shared cache that does not answer.',
    unit: 'ops',
    kind: 'timeseries',
    queries: (service) => [rate(service, METRICS.cacheLookups, 'result')],
    legends: ['{{result}}'],
  },
  {
    id: 'limit-decisions',
    title: 'Limits',
    description: 'Requests per second by what the limits decided; unchecked means that their store did not answer.',
    unit: 'reqps',
    kind: 'timeseries',
    queries: (service) => [rate(service, METRICS.limitDecisions, 'decision')],
    legends: ['{{decision}}'],
  },
  {
    id: 'upstream-attempts',
    title: 'Upstream',
    description: 'Attempts at the upstream per second by outcome; more attempts than misses are retries.',
    unit: 'ops',
    kind: 'timeseries',
    queries: (service) => [rate(service, METRICS.upstreamAttempts, 'outcome')],
    legends: ['{{outcome}}'],
  },
  {
    id: 'store-errors',
    title: 'Store errors',
    description: 'Calls per second of each store that failed or timed out. Steady errors are a store out of reach.',
    unit: 'ops',
    kind: 'timeseries',
    queries: (service) => [rate(service, METRICS.storeErrors, 'namespace, store')],
    legends: ['{{store}}'],
  },
  {
    id: 'pool-use',
    title: 'Postgres pools',
    description: 'Share of its connections that each lane has open, in the pod where that is most.',
    unit: 'percentunit',
    kind: 'timeseries',
    queries: ({ namespace }) => [
      `max by (namespace, lane) (${selectGateway(namespace, METRICS.poolConnections)} / ` +
        `${selectGateway(namespace, METRICS.poolLimit)})`,
    ],
    legends: ['{{lane}}'],
  },
  {
    id: 'releases',
    title: 'Releases',
    description: 'Pods of each release. Two at once are a rollout under way, or one that stands still.',
    unit: 'short',
    kind: 'timeseries',
    queries: ({ namespace }) => [`count by (version, commit) (${selectGateway(namespace, METRICS.buildInfo)})`],
    legends: ['{{version}} {{commit}}'],
  },
  {
    id: 'workers',
    title: 'Workers',
    description: 'Worker processes that are alive, and those that ended unasked in the last 5 minutes.',
    unit: 'short',
    kind: 'timeseries',
    queries: (service) => [
      total(service, METRICS.workers, 'namespace'),
      `sum by (namespace) (increase(${selectGateway(service.namespace, METRICS.workerRestarts)}[${WINDOW}]))`,
    ],
    legends: ['alive', 'ended'],
  },
  {
    id: 'memory',
    title: 'Memory',
    description: "Resident memory of each pod; at the line, the container's limit, the kernel ends it.",
    unit: 'bytes',
    kind: 'timeseries',
    queries: (service) => [total(service, METRICS.residentMemory, 'pod')],
    legends: ['{{pod}}'],
    threshold: ({ gateway }) => ({ value: toBytes(gateway.memory.limit), bad: 'above' }),
  },
  {
    id: 'processor',
    title: 'Processor',
    description: 'Cores that each pod uses.',
    unit: 'short',
    kind: 'timeseries',
    queries: (service) => [rate(service, METRICS.cpuSeconds, 'pod')],
    legends: ['{{pod}}'],
  },
] as const satisfies readonly Panel[];
