import { toBytes } from '../../definition/index.ts';
import { METRICS } from '../catalogue.ts';
import { count, increase, quantile, series, sum } from '../expression/index.ts';
import { rateBy, totalBy, type Panel } from './panel.ts';

/** Panels of the release and the processes that run it. */
export const PROCESS_PANELS = [
  {
    id: 'releases',
    title: 'Releases',
    description: 'Pods of each release. Two at once are a rollout under way, or one that stands still.',
    unit: 'short',
    kind: 'timeseries',
    queries: () => [count(['version', 'commit'], series(METRICS.buildInfo))],
    legends: ['{{version}} {{commit}}'],
  },
  {
    id: 'workers',
    title: 'Workers',
    description: 'Worker processes that are alive, and those that ended unasked lately.',
    unit: 'short',
    kind: 'timeseries',
    queries: () => [
      totalBy(METRICS.workers, ['namespace']),
      sum(['namespace'], increase(series(METRICS.workerRestarts))),
    ],
    legends: ['alive', 'ended'],
  },
  {
    id: 'memory',
    title: 'Memory',
    description: "Resident memory of each pod; at the line, the container's limit, the kernel ends it.",
    unit: 'bytes',
    kind: 'timeseries',
    queries: () => [totalBy(METRICS.residentMemory, ['pod'])],
    legends: ['{{pod}}'],
    threshold: ({ gateway }) => ({ value: toBytes(gateway.memory.limit), bad: 'above' }),
  },
  {
    id: 'heap',
    title: 'Heap',
    description: 'Heap in use in each pod by all its processes; a line that only rises is a leak.',
    unit: 'bytes',
    kind: 'timeseries',
    queries: () => [totalBy(METRICS.heapUsed, ['pod'])],
    legends: ['{{pod}}'],
  },
  {
    id: 'processor',
    title: 'Processor',
    description: 'Cores that each pod uses.',
    unit: 'short',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.cpuSeconds, ['pod'])],
    legends: ['{{pod}}'],
  },
  {
    id: 'event-loop',
    title: 'Event loop delay',
    description: 'The 99th percentile of how late a process came to what was due; above 50 ms, all answers wait.',
    unit: 's',
    kind: 'timeseries',
    queries: () => [quantile(0.99, rateBy(METRICS.eventLoopDelay, ['pod', 'le'], {}, '_bucket'))],
    legends: ['{{pod}}'],
  },
  {
    id: 'garbage',
    title: 'Garbage collection',
    description: 'Share of the time that processes stand still to collect garbage, by kind.',
    unit: 'percentunit',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.garbageCollection, ['kind'], {}, '_sum')],
    legends: ['{{kind}}'],
  },
  {
    id: 'log-dropped',
    title: 'Lines dropped',
    description: 'Lines of the log per second that nobody took in time. What they said is lost.',
    unit: 'ops',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.logDropped, ['namespace'])],
    legends: ['lines'],
  },
  {
    id: 'trace-spans',
    title: 'Spans',
    description: 'Spans of kept traces per second, by whether the collector took them.',
    unit: 'ops',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.traceSpans, ['namespace', 'export'])],
    legends: ['{{export}}'],
  },
] as const satisfies readonly Panel[];
