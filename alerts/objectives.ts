import { toFraction, toSeconds, type Duration, type Service } from '../service/definition/index.ts';
import {
  METRICS,
  MODEL_ROUTES,
  PROBE_ROUTES,
  RECORDED,
  select,
  selectGateway,
  type Metric,
} from '../service/telemetry/catalogue.ts';
import { wholeUnits } from './whole-units.ts';

/** Name of an objective: the label `slo` of what is recorded of it. */
export type ObjectiveId = 'errors' | 'latency' | 'availability' | 'cache';

/** Of what, over which time and for which labels something is counted. */
export type Scope = { readonly service: Service; readonly window: Duration; readonly by: readonly string[] };

/** What is promised, and how it is counted. */
export type Objective = {
  /** What is promised, in words. */
  readonly promise: (service: Service) => string;
  /** What the share is of, and which of it is bad. */
  readonly counts: string;
  /** The share that may be bad. */
  readonly budget: (service: Service) => number;
  /** Bad events in the longer window of a pair below which nobody is told: chance decides, and nobody was hurt. */
  readonly least: number;
  /** PromQL of the events per second, and of the bad ones among them. */
  readonly events: (scope: Scope) => string;
  readonly badEvents: (scope: Scope) => string;
};

/** The share of requests that must be faster than `slo.latency`: the 99th percentile is the promise. */
const FAST_SHARE = 0.99;

const COUNTED = { route: `!~${PROBE_ROUTES.join('|')}` };

/** Refusals take no time: a flood of them would hide slow answers. */
const TIMED = { route: `!~${[...PROBE_ROUTES, ...MODEL_ROUTES].join('|')}`, status_class: '!=4xx' };

/** Look-ups whose answer may be kept; what bypasses the cache never could. */
const HITS = 'hit|stale';
const MISSES = 'miss|error';

/** Every objective, each with what it is a share of. */
export const OBJECTIVES: Readonly<Record<ObjectiveId, Objective>> = {
  errors: {
    promise: ({ slo }) => `at most ${slo.errors} of the requests fail`,
    counts:
      'of the requests that were taken on: those that were refused for want of room (503) are declared shedding and ' +
      'count on neither side, probes neither. Bad: answers of 5xx, and streams that broke off after they began.',
    budget: ({ slo }) => toFraction(slo.errors),
    least: 10,
    events: (scope) => summed(scope, [counter(scope, METRICS.requestDuration, COUNTED, '_count'), shed(scope)]),
    badEvents: (scope) => {
      const failed = counter(scope, METRICS.requestDuration, { ...COUNTED, status_class: '5xx' }, '_count');
      return `clamp_min(${summed(scope, [failed, counter(scope, METRICS.streamsCut), shed(scope)])}, 0)`;
    },
  },
  latency: {
    promise: ({ slo }) => `99 % of the requests take at most ${slo.latency}`,
    counts:
      'of the requests to routes that no model answers, without probes and refusals (4xx), and of the answers of ' +
      'models, of which counts what the gateway adds: the time to the first byte less that of the provider. Bad: ' +
      'those above the threshold, which is the edge of a bucket, so that nothing is interpolated.',
    budget: () => round(1 - FAST_SHARE),
    least: 10,
    events: (scope) => timed(scope, '_count'),
    badEvents: (scope) =>
      `clamp_min(${timed(scope, '_count')} - ${timed(scope, '_bucket', { le: edge(scope.service.slo.latency) })}, 0)`,
  },
  availability: {
    promise: ({ slo }) => `at ${slo.availability} of all times some pod of the gateway can be asked`,
    counts:
      'of the time. Bad: when no pod answers a scrape and has a worker. What is asked then reaches nobody who could ' +
      'count it as an error, so errors do not show it; what is answered badly is an error and does not count here.',
    budget: ({ slo }) => round(1 - toFraction(slo.availability)),
    // Of these seconds: to a Prometheus that has just started, the first moments without a gateway are all there ever was.
    least: 60,
    // Each second is one event.
    events: () => 'vector(1)',
    badEvents: ({ service: { namespace, monitoring }, window }) => {
      const workers = selectGateway(namespace, METRICS.workers);
      // A Prometheus that was not there yet has seen nobody fail: what it recorded itself tells since when it was.
      const watched = select(RECORDED.events, { namespace, slo: 'availability' });
      const gone = `sum by (namespace) (absent(${workers})) and on (namespace) ${watched}`;
      const step = wholeUnits(monitoring.evaluationInterval);
      const points = Math.floor(toSeconds(window) / toSeconds(step)) + 1;
      return `sum_over_time((max by (namespace) (${workers}) < bool 1 or ${gone})[${window}:${step}]) / ${points}`;
    },
  },
  cache: {
    promise: ({ slo }) => `at least ${slo.cacheHits} of the look-ups hit`,
    counts:
      'of the look-ups whose answer may be kept, without those that bypass the cache. Bad: misses, and look-ups that ' +
      'failed. Stale answers are hits.',
    budget: ({ slo }) => round(1 - toFraction(slo.cacheHits)),
    // A cold cache misses what it was never asked for.
    least: 1000,
    events: (scope) => summed(scope, [counter(scope, METRICS.cacheLookups, { result: `=~${HITS}|${MISSES}` })]),
    badEvents: (scope) => summed(scope, [counter(scope, METRICS.cacheLookups, { result: `=~${MISSES}` })]),
  },
};

/** The ids in the order of the table. */
export const OBJECTIVE_IDS = Object.keys(OBJECTIVES) as readonly ObjectiveId[];

/** A threshold of latency as the label `le` of a bucket: Prometheus 3 writes whole numbers as `1.0`, older ones as `1`. */
export function edge(threshold: Duration): string {
  const seconds = toSeconds(threshold);
  return Number.isInteger(seconds) ? `=~${seconds}(\\.0)?` : `${seconds}`;
}

/** Answers by how long they took, in a histogram's suffix: of all routes but those of models, and of these the overhead. */
export function timed(scope: Scope, suffix: string, matchers: Readonly<Record<string, string>> = {}): string {
  const answers = counter(scope, METRICS.requestDuration, { ...TIMED, ...matchers }, suffix);
  return summed(scope, [answers, counter(scope, METRICS.aiOverhead, matchers, suffix)]);
}

/** Answers that were refused for want of room, to be taken off; as they were given, since several may share one refusal. */
function shed(scope: Scope): string {
  return `-${counter(scope, METRICS.shedAnswers)}`;
}

function counter({ service, window }: Scope, metric: Metric, matchers = {}, suffix = ''): string {
  return `rate(${selectGateway(service.namespace, metric, matchers, suffix)}[${window}])`;
}

/** A sum of several metrics: their labels differ, so `or` joins them and one that is not there takes nothing away. */
function summed({ by }: Scope, parts: readonly string[]): string {
  return `sum by (${by.join(', ')}) (${parts.join(' or ')})`;
}

/** 1 − 0.999 without the dust of floating point. */
function round(share: number): number {
  return Number(share.toPrecision(12));
}
