import { toBytes } from '../service/definition/index.ts';
import { METRICS, selectGateway } from '../service/telemetry/catalogue.ts';
import { rate, total, WINDOW, type Panel } from './panel.ts';

/** Panels of the release and the processes that run it. */
export const PROCESS_PANELS = [
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
    id: 'heap',
    title: 'Heap',
    description: 'Heap in use in each pod by all its processes; a line that only rises is a leak.',
    unit: 'bytes',
    kind: 'timeseries',
    queries: (service) => [total(service, METRICS.heapUsed, 'pod')],
    legends: ['{{pod}}'],
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
  {
    id: 'event-loop',
    title: 'Event loop delay',
    description: 'The 99th percentile of how late a process came to what was due; above 50 ms, all answers wait.',
    unit: 's',
    kind: 'timeseries',
    queries: (service) => [
      `histogram_quantile(0.99, ${rate(service, METRICS.eventLoopDelay, 'pod, le', {}, '_bucket')})`,
    ],
    legends: ['{{pod}}'],
  },
  {
    id: 'garbage',
    title: 'Garbage collection',
    description: 'Share of the time that processes stand still to collect garbage, by kind.',
    unit: 'percentunit',
    kind: 'timeseries',
    queries: (service) => [rate(service, METRICS.garbageCollection, 'kind', {}, '_sum')],
    legends: ['{{kind}}'],
  },
] as const satisfies readonly Panel[];
