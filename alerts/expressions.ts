import type { Lane, Service } from '../service/definition/index.ts';
import { METRICS, selectGateway } from '../service/telemetry/catalogue.ts';
import { THRESHOLDS } from '../service/telemetry/thresholds.ts';

const WINDOW = '5m';

// A failed call every ten seconds: more than the rare time-out of a store that is well.
const STORE_ERRORS_PER_SECOND = 0.1;

// One refusal every ten seconds: more than a burst that came and went.
const SHED_PER_SECOND = 0.1;

/** No gateway pod answers a scrape, or there is none to be scraped; both results carry the same labels. */
export function gatewayDown({ namespace }: Service): string {
  const up = selectGateway(namespace, METRICS.up);
  return `sum by (job, namespace) (${up}) == 0 or absent(${up})`;
}

/** Some scrapes of gateway pods fail and others succeed; where all fail, GatewayDown tells. */
export function scrapesFail({ namespace }: Service): string {
  const up = selectGateway(namespace, METRICS.up);
  return `sum by (job, namespace) (${up} == bool 0) > 0 and sum by (job, namespace) (${up}) > 0`;
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
export function requestsShed(lane: Lane, { namespace }: Service): string {
  const shed = `${selectGateway(namespace, METRICS.shed, { lane })}[${WINDOW}]`;
  return `sum by (namespace, lane) (rate(${shed})) > ${SHED_PER_SECOND}`;
}

/** The fullest pool of a lane is close to what it may open. */
export function poolNearLimit({ namespace }: Service): string {
  const open = selectGateway(namespace, METRICS.poolConnections);
  const limit = selectGateway(namespace, METRICS.poolLimit);
  return `max by (namespace, lane) (${open} / ${limit}) >= ${THRESHOLDS.poolUse}`;
}

/** Limits of a model refuse one request of so many, for longer than a burst lasts. */
export function modelLimitsRefuse({ namespace }: Service): string {
  const limits = { limit: '=~requests|tokens|queue' };
  const refused = `sum by (namespace, model) (rate(${selectGateway(namespace, METRICS.aiRefusals, limits)}[5m]))`;
  const admitted = `sum by (namespace, model) (rate(${selectGateway(namespace, METRICS.aiWait, {}, '_count')}[5m]))`;
  return `${refused} / (${refused} + ${admitted}) > ${THRESHOLDS.modelRefusals}`;
}

/** The provider of models said last that little is left of what it admits; the least that a pod was told counts. */
export function providerLimitNear({ namespace }: Service): string {
  const left = selectGateway(namespace, METRICS.providerRemaining);
  return `min by (namespace, model, resource) (${left} / ${selectGateway(namespace, METRICS.providerLimit)}) < ${THRESHOLDS.providerLeft}`;
}
