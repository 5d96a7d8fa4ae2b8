import { toFraction, toSeconds, type Service } from '../service/definition/index.ts';
import { RECORDED, select } from '../service/telemetry/catalogue.ts';
import { THRESHOLDS } from '../service/telemetry/thresholds.ts';
import { edge, OBJECTIVES, timed, type Scope } from './objectives.ts';

type Recorded = 'releaseRequests' | 'releaseErrors' | 'releaseTimed' | 'releaseFast';

const RELEASE = 'pod_template_hash';

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

/** A release fails more of its requests than it may, and they are enough to tell. */
export function releaseFails(service: Service): string {
  return `${recorded('releaseErrors', service)} > ${toFraction(service.release.errors)} and ${isEnough('releaseRequests', service)}`;
}

/** Too few of a release's requests are fast, and they are enough to tell. */
export function releaseSlow(service: Service): string {
  return `${recorded('releaseFast', service)} < ${THRESHOLDS.releaseFast} and ${isEnough('releaseTimed', service)}`;
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
