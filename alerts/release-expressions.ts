import { toFraction, toSeconds, type Service } from '../service/definition/index.ts';
import { METRICS, RECORDED, select, selectExported } from '../service/telemetry/catalogue.ts';
import { THRESHOLDS } from '../service/telemetry/thresholds.ts';
import { edge, OBJECTIVES, timed, type Scope } from './objectives.ts';

type Recorded = 'releaseRequests' | 'releaseErrors' | 'releaseTimed' | 'releaseFast';

const RELEASE = 'pod_template_hash';

// Longer than another guard takes to lead when the one that told of the window is gone: what began to fire goes on.
const HANDOVER = '30s';

/** Requests to each release in the window that it is judged by. */
export function requestsOf(service: Service): string {
  const scope = scopeOf(service);
  return `${OBJECTIVES.errors.events(scope)} * ${toSeconds(scope.window)}`;
}

/** Share of them that each release failed: counted as the objective counts. */
export function failedShare(service: Service): string {
  const scope = scopeOf(service);
  return `${OBJECTIVES.errors.badEvents(scope)} / ${OBJECTIVES.errors.events(scope)}`;
}

/** Requests to each release whose time counts, in the same window. */
export function timedRequestsOf(service: Service): string {
  const scope = scopeOf(service);
  return `${timed(scope, '_count')} * ${toSeconds(scope.window)}`;
}

/** Share of the timed requests that each release answered within `release.latency`, the edge of a bucket. */
export function fastShare(service: Service): string {
  const scope = scopeOf(service);
  return `${timed(scope, '_bucket', { le: edge(service.release.latency) })} / ${timed(scope, '_count')}`;
}

/** A release fails more of its requests than it may, while its window runs, and they are enough to tell. */
export function releaseFails(service: Service): string {
  const fails = `${recorded('releaseErrors', service)} > ${toFraction(service.release.errors)}`;
  return `${fails} and ${isEnough('releaseRequests', service)} and ${isWatched(service)}`;
}

/** Too few of a release's requests are fast, while its window runs, and they are enough to tell. */
export function releaseSlow(service: Service): string {
  const slow = `${recorded('releaseFast', service)} < ${THRESHOLDS.releaseFast}`;
  return `${slow} and ${isEnough('releaseTimed', service)} and ${isWatched(service)}`;
}

/** The guard alone knows when a window began: with the first Ready pod, and not with the first that was made. */
function isWatched({ namespace }: Service): string {
  const watched = selectExported(namespace, METRICS.releaseWatched);
  return `on (namespace, ${RELEASE}) max by (namespace, ${RELEASE}) (max_over_time(${watched}[${HANDOVER}])) > 0`;
}

function isEnough(sample: 'releaseRequests' | 'releaseTimed', service: Service): string {
  return `${recorded(sample, service)} >= ${service.release.minimumSample}`;
}

function recorded(which: Recorded, { namespace }: Service): string {
  return select(RECORDED[which], { namespace });
}

function scopeOf(service: Service): Scope {
  return { service, window: service.release.window, by: ['namespace', RELEASE] };
}
