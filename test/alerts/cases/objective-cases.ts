import type { OBJECTIVE_ALERTS } from '../../../alerts/objective-alerts.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import type { CasesOf } from '../rule-test.ts';
import { counted, histogram, requests, together } from '../samples.ts';
import { answers, FAILED, gauge, NAMESPACE, OK, REFUSED } from './inputs.ts';

const FAST = { 0.1: 98 };
const TWO_LATE = { 0.1: 98, 2.5: 2 };
const SLOW = '2% of the requests in sluice-prod took longer than the objective in the last 5 minutes; 1% may.';

type Now = Extract<(typeof OBJECTIVE_ALERTS)[number], { readonly id: 'GatewayErrorsHigh' | 'GatewayLatencyHigh' }>;

/** Situations in which an objective is missed just now. */
export const OBJECTIVE_CASES: CasesOf<readonly Now[]> = {
  GatewayErrorsHigh: [
    {
      title: 'two requests of a thousand fail for twenty minutes',
      input: together(
        answers(OK, [[60, { 0.1: 998 }]]),
        answers(FAILED, [
          [10, {}],
          [20, { 0.1: 2 }],
          [30, {}],
        ]),
      ),
      before: '17m',
      at: '20m',
      fires: {
        labels: { slo: 'errors' },
        description: '0.2% of the requests in sluice-prod failed in the last 5 minutes.',
      },
      over: '33m',
    },
    {
      title: 'little traffic fails altogether',
      input: together(answers(OK, [[60, {}]]), answers(FAILED, [[60, { 0.1: 1 }]])),
      at: '15m',
      fires: {
        labels: { slo: 'errors' },
        description: '100% of the requests in sluice-prod failed in the last 5 minutes.',
      },
    },
    {
      title: 'streams break off after they began well',
      input: together(
        answers(OK, [[60, { 0.1: 100 }]]),
        gauge(METRICS.streamsCut, { lane: 'critical' }, counted([60, 10])),
      ),
      at: '15m',
      fires: {
        labels: { slo: 'errors' },
        description: '10% of the requests in sluice-prod failed in the last 5 minutes.',
      },
    },
    {
      title: 'one request of two thousand fails, within the objective',
      input: together(answers(OK, [[60, { 0.1: 1999 }]]), answers(FAILED, [[60, { 0.1: 1 }]])),
      at: '15m',
    },
    {
      title: 'four requests fail in a quiet hour',
      input: together(
        answers(OK, [[60, {}]]),
        answers(FAILED, [
          [8, {}],
          [1, { 0.1: 1 }],
          [50, {}],
        ]),
      ),
      at: '13m',
    },
    {
      title: 'refusals are no errors',
      input: together(
        answers(OK, [[60, { 0.1: 10 }]]),
        answers(FAILED, [[60, {}]]),
        answers(REFUSED, [[60, { 0.1: 90 }]]),
      ),
      at: '15m',
    },
    {
      title: 'what was refused for want of room is declared',
      input: together(
        answers(OK, [[60, { 0.1: 50 }]]),
        answers(FAILED, [[60, { 0.005: 50 }]]),
        gauge(METRICS.shedAnswers, { lane: 'background', reason: 'queue-full' }, counted([60, 50])),
      ),
      at: '15m',
    },
    {
      title: 'only probes fail',
      input: together(answers(OK, [[60, { 0.1: 10 }]]), answers({ ...FAILED, route: 'health' }, [[60, { 0.1: 10 }]])),
      at: '15m',
    },
    {
      title: 'another namespace fails',
      input: together(answers(OK, [[60, { 0.1: 90 }]]), requests('elsewhere', FAILED, [[60, { 0.1: 90 }]])),
      at: '15m',
    },
  ],
  GatewayLatencyHigh: [
    {
      title: 'two requests of a hundred take longer than the objective for twenty minutes',
      input: answers(OK, [
        [10, FAST],
        [20, TWO_LATE],
        [30, FAST],
      ]),
      before: '17m',
      at: '20m',
      fires: { labels: { slo: 'latency' }, description: SLOW },
      over: '33m',
    },
    {
      title: 'a flood of refusals hides no slow answer',
      input: together(answers(OK, [[60, TWO_LATE]]), answers(REFUSED, [[60, { 0.005: 10_000 }]])),
      at: '15m',
      fires: { labels: { slo: 'latency' }, description: SLOW },
    },
    {
      title: 'the gateway adds a second to answers of models',
      input: together(
        answers(OK, [[60, { 0.1: 90 }]]),
        histogram(NAMESPACE, METRICS.aiOverhead, {}, [[60, { 0.1: 8, 1: 2 }]]),
      ),
      at: '15m',
      fires: { labels: { slo: 'latency' }, description: SLOW },
    },
    { title: 'every request takes just the objective', input: answers(OK, [[60, { 0.5: 100 }]]), at: '15m' },
    { title: 'one request of two hundred is slow', input: answers(OK, [[60, { 0.1: 199, 10: 1 }]]), at: '15m' },
    {
      title: 'four slow requests in a quiet hour',
      input: answers(OK, [
        [8, {}],
        [1, { 10: 1 }],
        [50, {}],
      ]),
      at: '13m',
    },
    {
      title: 'only models are slow',
      input: together(answers(OK, [[60, { 0.1: 100 }]]), answers({ ...OK, route: 'chat' }, [[60, { 30: 100 }]])),
      at: '15m',
    },
  ],
};
