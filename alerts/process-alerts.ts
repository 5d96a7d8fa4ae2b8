import { METRICS, selectGateway } from '../service/telemetry/catalogue.ts';
import type { Alert } from './alert.ts';
import { GATEWAY_PODS, kubectl, logs, requestsByRoute } from './first-look.ts';
import {
  eventLoopBlocked,
  logLinesDropped,
  memoryNearLimit,
  spansDropped,
  workersRestart,
} from './process-expressions.ts';

/** Alerts on the processes of the gateway, and on what they tell. */
export const PROCESS_ALERTS = [
  {
    id: 'EventLoopBlocked',
    severity: 'ticket',
    team: 'service',
    group: 'causes',
    for: '5m',
    expression: eventLoopBlocked,
    summary: 'Processes of the gateway keep coming late to what is due',
    description:
      'In {{ $labels.pod }} of {{ $labels.namespace }}, {{ $value | humanizePercentage }} of the timers came more than a tenth of a second late.',
    runbook: {
      meaning:
        'A process does one thing so long that everything else waits: too many requests for its processor, a huge body, a costly pattern or garbage.',
      impact: 'Every request of that process waits, whatever it asks for.',
      firstLook: (service) => ({
        'How late the slowest hundredth is': `histogram_quantile(0.99, sum by (pod, le) (rate(${selectGateway(service.namespace, METRICS.eventLoopDelay, {}, '_bucket')}[5m])))`,
        'Whether it is garbage': `sum by (pod, kind) (rate(${selectGateway(service.namespace, METRICS.garbageCollection, {}, '_sum')}[5m]))`,
        'Which routes ask more than before': requestsByRoute(service),
        'Whether the processor is held back': kubectl(service, `top pods -l ${GATEWAY_PODS}`),
      }),
      fix: [
        'All pods alike: more load than processors; raise `scaling.max` or `gateway.cpuRequest`.',
        'Garbage: raise `gateway.memory.heap`; a heap that only grows is a leak.',
        'One route: look at its handler with `npx sluice profile`, and move what takes long off the event loop.',
      ],
    },
    panel: 'event-loop',
    dashboard: 'runtime',
    ruleTestOnly: 'no experiment keeps a process busy for ten minutes',
  },
  {
    id: 'MemoryNearLimit',
    severity: 'ticket',
    team: 'service',
    group: 'causes',
    for: '5m',
    expression: memoryNearLimit,
    summary: 'A pod of the gateway uses nearly all memory that it may',
    description: '{{ $labels.pod }} in {{ $labels.namespace }} uses {{ $value | humanizePercentage }} of its memory.',
    runbook: {
      meaning: 'Primary and workers of a pod together hold nearly as much memory as the limit of the container.',
      impact: 'None yet. At the limit the kernel ends the pod with every request in it.',
      firstLook: (service) => ({
        'Which pods': selectGateway(service.namespace, METRICS.residentMemory),
        'Whether the heap grows': selectGateway(service.namespace, METRICS.heapUsed),
        'What the cache holds': selectGateway(service.namespace, METRICS.cacheBytes),
        'Whether pods were ended for it before': kubectl(service, `describe pods -l ${GATEWAY_PODS}`),
      }),
      fix: [
        'Only one pod, and it grows: take it away with `kubectl delete pod` and look for the leak in a heap snapshot.',
        'All pods since a release: go back as under GatewayErrorsHigh.',
        'All pods with the load: raise `gateway.memory.limit`; `sluice check --explain memory` tells the sum.',
      ],
    },
    panel: 'memory',
    dashboard: 'runtime',
    ruleTestOnly: 'what takes the memory of a pod is another process than those that tell of theirs',
  },
  {
    id: 'WorkersRestart',
    severity: 'ticket',
    team: 'service',
    group: 'causes',
    for: '0s',
    expression: workersRestart,
    summary: 'Worker processes of the gateway keep ending',
    description:
      '{{ $value | printf "%.0f" }} workers in {{ $labels.namespace }} ended unasked in the last 15 minutes.',
    runbook: {
      meaning: 'Workers crash, run out of heap or hang until their primary ends them; it starts others in their place.',
      impact: 'Requests of a worker that ends break off. Clients that retry see another worker.',
      firstLook: (service) => ({
        'Which pods': `increase(${selectGateway(service.namespace, METRICS.workerRestarts)}[15m])`,
        'What they said last': `${logs(service)} | grep worker`,
        'Whether the heap is full': selectGateway(service.namespace, METRICS.heapUsed),
      }),
      fix: [
        'Since a release: go back as under GatewayErrorsHigh.',
        'Out of heap: raise `gateway.memory.heap`, or find what keeps objects.',
        'It hangs: see EventLoopBlocked.',
      ],
    },
    panel: 'workers',
    dashboard: 'runtime',
    ruleTestOnly: 'an experiment ends one worker, not one after the other',
  },
  {
    id: 'LogLinesDropped',
    severity: 'ticket',
    team: 'service',
    group: 'causes',
    for: '5m',
    expression: logLinesDropped,
    summary: 'The gateway loses lines of its log',
    description: '{{ $value | printf "%.2f" }} lines a second are lost in {{ $labels.namespace }}.',
    runbook: {
      meaning:
        'Whoever reads the standard output of the pods takes lines more slowly than they come, so some are dropped.',
      impact: 'No user notices. What happened to some requests stands nowhere.',
      firstLook: (service) => ({
        'Which pods': `sum by (pod) (rate(${selectGateway(service.namespace, METRICS.logDropped)}[5m]))`,
        'What there is so much of': `${logs(service)} | cut -c 1-200`,
        'Whether the node is short of disk': kubectl(service, 'get nodes -o wide'),
      }),
      fix: [
        'The level is too low: raise it to `info` or `warn` at `/admin`, or in `logLevel`.',
        'The collector of the node is slow or its disk full: restart or relieve it.',
      ],
    },
    panel: 'log-dropped',
    dashboard: 'runtime',
    experiment: 'log-sink-stuck',
  },
  {
    id: 'SpansDropped',
    severity: 'ticket',
    team: 'service',
    group: 'causes',
    for: '15m',
    expression: spansDropped,
    summary: 'The gateway loses traces',
    description: '{{ $value | printf "%.2f" }} spans a second are lost in {{ $labels.namespace }}.',
    runbook: {
      meaning: 'The collector of traces does not answer, refuses them, or takes fewer than come.',
      impact: 'No user notices. Traces have holes or are missing.',
      firstLook: (service) => ({
        'Whether they are refused or never sent': `sum by (export) (rate(${selectGateway(service.namespace, METRICS.traceSpans)}[5m]))`,
        'What the gateway says': `${logs(service)} | grep -i trace`,
        'Whether the collector is let through': kubectl(service, 'get networkpolicies'),
      }),
      fix: [
        'The collector is away: restore it; the gateway tries again by itself.',
        'It takes fewer than come: keep a smaller share of traces.',
      ],
    },
    panel: 'trace-spans',
    dashboard: 'runtime',
    ruleTestOnly: 'no experiment takes the collector away',
  },
] as const satisfies readonly Alert[];
