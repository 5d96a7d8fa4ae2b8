import { describe, expect } from '@jest/globals';
import { badOutsideDrills } from '../../alerts/burn.ts';
import { definition, withValues } from '../../service/definition/index.ts';
import { METRICS, RECORDED, select, type Metric } from '../../service/telemetry/catalogue.ts';
import { answers, FAILED, gauge, NAMESPACE, OK, told } from './cases/inputs.ts';
import { runRecordings, type Interval, type RecordedSample } from './rule-test.ts';
import { counted, held, histogram, together, type InputSeries } from './samples.ts';
import { testWith } from './tools.ts';

/** What a recorded series of an objective is worth at one time. */
const worth = (metric: Metric, slo: string, at: string, value: number): RecordedSample => ({
  at,
  expression: select(metric, { namespace: NAMESPACE, slo }),
  samples: { [select(metric, { namespace: NAMESPACE, slo })]: value },
});

/** Rounded: promtool compares every digit, and sums of floating point have dust in the last ones. */
const about = (metric: Metric, slo: string, at: string, value: number, to = 0.001): RecordedSample => ({
  at,
  expression: `round(${select(metric, { namespace: NAMESPACE, slo })}, ${to})`,
  samples: { [`{namespace="${NAMESPACE}",slo="${slo}"}`]: value },
});

const release = (metric: Metric, value: number): RecordedSample => {
  const labels = { namespace: NAMESPACE, pod_template_hash: '5c4b6' };
  return {
    at: '5m',
    expression: `round(${select(metric, labels)}, 0.001)`,
    samples: { [`{namespace="${NAMESPACE}",pod_template_hash="5c4b6"}`]: value },
  };
};

type Case = {
  readonly title: string;
  readonly input: InputSeries;
  readonly recorded: readonly RecordedSample[];
  readonly every?: Interval;
  readonly settings?: readonly string[];
};

const CASES: readonly Case[] = [
  {
    title: 'errors are a share of what was taken on: without probes and shedding, with streams that broke off',
    input: together(
      answers(OK, [[10, { 0.1: 150 }]]),
      answers(FAILED, [[10, { 0.1: 75 }]]),
      answers({ ...OK, route: 'health' }, [[10, { 0.1: 1000 }]]),
      gauge(METRICS.shedAnswers, { lane: 'background', reason: 'queue-full' }, counted([10, 60])),
      gauge(METRICS.streamsCut, { lane: 'critical' }, counted([10, 3])),
    ),
    recorded: [
      about(RECORDED.events, 'errors', '10m', 11),
      about(RECORDED.badEvents, 'errors', '10m', 1.2),
      about(RECORDED.badShare5m, 'errors', '10m', 0.109),
    ],
  },
  {
    title: 'latency is a share of timed requests, and of models what the gateway adds; the edge itself is fast enough',
    input: together(
      answers(OK, [[10, { 0.5: 60, 0.8: 15 }]]),
      answers({ ...OK, status_class: '4xx' }, [[10, { 30: 150 }]]),
      answers({ ...OK, route: 'chat' }, [[10, { 30: 150 }]]),
      histogram(NAMESPACE, METRICS.aiOverhead, {}, [[10, { 0.01: 60, 1: 15 }]]),
    ),
    recorded: [
      about(RECORDED.events, 'latency', '10m', 10),
      about(RECORDED.badEvents, 'latency', '10m', 2),
      about(RECORDED.badShare5m, 'latency', '10m', 0.2),
    ],
  },
  {
    title: 'hits are a share of look-ups that could have hit',
    input: together(
      ...Object.entries({ hit: 60, stale: 15, miss: 20, error: 5, bypass: 300 }).map(([result, each]) =>
        gauge(METRICS.cacheLookups, { result }, counted([10, each])),
      ),
    ),
    recorded: [about(RECORDED.badShare5m, 'cache', '10m', 0.25)],
  },
  {
    title: 'availability is a share of the time, also when nothing is left that could be scraped',
    input: together(
      gauge(METRICS.workers, {}, '2x59 stale'),
      gauge(METRICS.workers, { pod: 'gateway-2' }, '2x59 0x9 stale'),
    ),
    recorded: [
      about(RECORDED.badShare5m, 'availability', '14m45s', 0),
      about(RECORDED.badShare5m, 'availability', '20m', 1),
      about(RECORDED.badShare5m, 'availability', '40m', 1),
    ],
  },
  {
    title: 'long windows weigh each minute by its requests, and the budget left follows',
    every: '2m',
    input: together(
      answers(
        OK,
        [
          [600, { 0.1: 100 }],
          [600, { 0.1: 891 }],
        ],
        0.5,
      ),
      answers(
        FAILED,
        [
          [600, {}],
          [600, { 0.1: 9 }],
        ],
        0.5,
      ),
    ),
    recorded: [
      worth(RECORDED.budget, 'errors', '20h', 0.001),
      about(RECORDED.badShare1h, 'errors', '20h', 0.01),
      // 2700 of 300 000 requests, and not the mean of 0 and 1 %.
      about(RECORDED.badShare1d, 'errors', '20h', 0.009),
      about(RECORDED.budgetLeft, 'errors', '20h', -8, 1),
    ],
  },
  {
    title: 'what was bad while an experiment ran can be left out',
    input: together(
      answers(OK, [[120, { 0.1: 75 }]]),
      answers(FAILED, [
        [60, {}],
        [10, { 0.1: 75 }],
        [30, {}],
        [10, { 0.1: 15 }],
        [10, {}],
      ]),
      told(METRICS.drillActive, { experiment: 'redis-lost' }, held([60, 0], [10, 1], [50, 0])),
    ),
    recorded: [
      {
        at: '120m',
        expression: `round(${badOutsideDrills('errors', definition.prod)}, 50)`,
        samples: { [`{namespace="${NAMESPACE}",slo="errors"}`]: 600 },
      },
    ],
  },
  {
    title: 'each release is counted by itself',
    settings: ['release.guard.mode=act'],
    input: together(
      answers({ ...OK, pod_template_hash: '5c4b6' }, [[10, { 0.1: 60, 0.5: 15 }]]),
      answers({ ...FAILED, pod_template_hash: '5c4b6' }, [[10, { 0.1: 25 }]]),
    ),
    recorded: [
      release(RECORDED.releaseRequests, 200),
      release(RECORDED.releaseErrors, 0.25),
      release(RECORDED.releaseTimed, 200),
      release(RECORDED.releaseFast, 0.85),
    ],
  },
];

describe('what is recorded', () => {
  for (const { title, input, recorded, every, settings = [] } of CASES) {
    testWith('promtool', title, () => {
      const { status, output } = runRecordings(withValues(definition.prod, settings), input, recorded, every);
      expect(output).toContain('SUCCESS');
      expect(status).toBe(0);
    });
  }
});
