import type { PROCESS_ALERTS } from '../../../alerts/process-alerts.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import type { CasesOf } from '../rule-test.ts';
import { counted, held, histogram } from '../samples.ts';
import { gauge, NAMESPACE } from './inputs.ts';

const MEBIBYTE = 2 ** 20;
const POD = { pod: 'gateway-1' };

/** Situations of the processes of the gateway. */
export const PROCESS_CASES: CasesOf<typeof PROCESS_ALERTS> = {
  EventLoopBlocked: [
    {
      title: 'a tenth of the timers comes a quarter of a second late for twenty minutes',
      input: histogram(NAMESPACE, METRICS.eventLoopDelay, {}, [
        [5, { 0.001: 100 }],
        [20, { 0.001: 90, 0.25: 10 }],
        [20, { 0.001: 100 }],
      ]),
      before: '12m15s',
      at: '20m',
      fires: {
        labels: POD,
        description: 'In gateway-1 of sluice-prod, 10% of the timers came more than a tenth of a second late.',
      },
      over: '29m',
    },
    {
      title: 'every hundredth is late',
      input: histogram(NAMESPACE, METRICS.eventLoopDelay, {}, [[30, { 0.001: 99, 0.25: 1 }]]),
      at: '20m',
    },
    {
      title: 'all come a tenth of a second late, which is the edge',
      input: histogram(NAMESPACE, METRICS.eventLoopDelay, {}, [[30, { 0.1: 100 }]]),
      at: '20m',
    },
  ],
  MemoryNearLimit: [
    {
      title: 'a pod uses more than nine tenths for ten minutes',
      settings: ['gateway.memory.limit=1Gi'],
      input: gauge(METRICS.residentMemory, {}, held([2, 500 * MEBIBYTE], [10, 973 * MEBIBYTE], [10, 500 * MEBIBYTE])),
      before: '6m45s',
      at: '7m',
      fires: { labels: POD, description: 'gateway-1 in sluice-prod uses 95.02% of its memory.' },
      over: '12m15s',
    },
    { title: 'it uses eight tenths', input: gauge(METRICS.residentMemory, {}, held([30, 820 * MEBIBYTE])), at: '20m' },
  ],
  WorkersRestart: [
    {
      title: 'four workers end within a minute',
      input: gauge(METRICS.workerRestarts, {}, counted([15, 0], [1, 1], [30, 0])),
      before: '15m',
      at: '20m',
      fires: { labels: {}, description: '4 workers in sluice-prod ended unasked in the last 15 minutes.' },
      over: '32m',
    },
    {
      title: 'one ends now and then',
      input: gauge(METRICS.workerRestarts, {}, counted([15, 0], [0.25, 1], [30, 0], [0.25, 1], [30, 0])),
      at: '50m',
    },
  ],
  LogLinesDropped: [
    {
      title: 'three lines are lost at each scrape for twenty minutes',
      input: gauge(METRICS.logDropped, {}, counted([2, 0], [20, 3], [20, 0])),
      before: '9m15s',
      at: '15m',
      fires: { labels: {}, description: '0.20 lines a second are lost in sluice-prod.' },
      over: '26m',
    },
    { title: 'one is lost now and then', input: gauge(METRICS.logDropped, {}, counted([30, 1])), at: '20m' },
  ],
  SpansDropped: [
    {
      title: 'the collector refuses spans for half an hour',
      input: gauge(METRICS.traceSpans, { export: 'failed' }, counted([2, 0], [30, 30], [20, 0])),
      before: '17m',
      at: '30m',
      fires: { labels: {}, description: '2.00 spans a second are lost in sluice-prod.' },
      over: '38m',
    },
    { title: 'all are taken', input: gauge(METRICS.traceSpans, { export: 'exported' }, counted([40, 300])), at: '30m' },
  ],
};
