import { toFraction, toSeconds, type Service } from '../service/definition/index.ts';
import { METRICS, MODEL_ROUTES, PROBE_ROUTES, selectGateway } from '../service/telemetry/catalogue.ts';

const WINDOW = '5m';

// One failed request of a quiet hour is a share above any objective; five are a pattern.
const LEAST_ERRORS = 5;

// Below this, one slow request in a hundred is one slow request.
const LEAST_REQUESTS = 100;

// A failed call every ten seconds: more than the rare time-out of a store that is well.
const STORE_ERRORS_PER_SECOND = 0.1;

const POOL_USE = 0.8;

// One refusal every ten seconds: more than a burst that came and went.
const SHED_PER_SECOND = 0.1;

/** The share of answers that are 5xx is above the objective. */
export function errorsAboveObjective({ namespace, slo }: Service): string {
  const routes = { route: `!~${PROBE_ROUTES.join('|')}` };
  const all = `${selectGateway(namespace, METRICS.requestDuration, routes, '_count')}[${WINDOW}]`;
  const matchers = { ...routes, status_class: '5xx' };
  const failed = `${selectGateway(namespace, METRICS.requestDuration, matchers, '_count')}[${WINDOW}]`;
  return (
    `sum by (namespace) (rate(${failed})) / sum by (namespace) (rate(${all})) > ${toFraction(slo.errors)} ` +
    `and sum by (namespace) (increase(${failed})) >= ${LEAST_ERRORS}`
  );
}

/**
 * The 99th percentile of latency is above the objective. The quantile is interpolated inside a bucket, but where the
 * objective is a bucket's edge the comparison is exact: it holds when fewer than 99 % lie at or below that edge.
 */
export function latencyAboveObjective({ namespace, slo }: Service): string {
  const matchers = {
    route: `!~${[...PROBE_ROUTES, ...MODEL_ROUTES].join('|')}`,
    // Refusals take no time: a flood of them would hide slow answers.
    status_class: '!=4xx',
  };
  const series = (suffix: string): string =>
    `${selectGateway(namespace, METRICS.requestDuration, matchers, suffix)}[${WINDOW}]`;
  return (
    `histogram_quantile(0.99, sum by (namespace, le) (rate(${series('_bucket')}))) > ${toSeconds(slo.latency)} ` +
    `and sum by (namespace) (increase(${series('_count')})) >= ${LEAST_REQUESTS}`
  );
}

/** No gateway pod answers a scrape, or there is none to be scraped; both results carry the same labels. */
export function gatewayDown({ namespace }: Service): string {
  const up = selectGateway(namespace, METRICS.up);
  return `sum by (job, namespace) (${up}) == 0 or absent(${up})`;
}

/** Calls of a store keep failing. */
export function storeFailing({ namespace }: Service): string {
  const errors = `${selectGateway(namespace, METRICS.storeErrors)}[${WINDOW}]`;
  return `sum by (namespace, store) (rate(${errors})) > ${STORE_ERRORS_PER_SECOND}`;
}

/** Some process has left a dependency alone, or only tries whether it works again. */
export function breakerOpen({ namespace }: Service): string {
  return `max by (namespace, breaker) (${selectGateway(namespace, METRICS.breakersOpen)}) > 0`;
}

/** Requests of a lane are refused for want of room. */
export function requestsShed({ namespace }: Service): string {
  const shed = `${selectGateway(namespace, METRICS.shed)}[${WINDOW}]`;
  return `sum by (namespace, lane) (rate(${shed})) > ${SHED_PER_SECOND}`;
}

/** The fullest pool of a lane is close to what it may open. */
export function poolNearLimit({ namespace }: Service): string {
  const open = selectGateway(namespace, METRICS.poolConnections);
  const limit = selectGateway(namespace, METRICS.poolLimit);
  return `max by (namespace, lane) (${open} / ${limit}) >= ${POOL_USE}`;
}
