import { toSeconds, type Service } from '../service/definition/index.ts';
import { METRICS, selectExported, type Metric } from '../service/telemetry/catalogue.ts';
import type { Matchers } from '../service/telemetry/matcher.ts';

// One may be somebody who tries a door; Alertmanager comes back within a minute, and again.
const REFUSED = 2;

// An API server that is replaced costs as many within a few seconds.
const FAILED = 10;

/** How it ended with the newest release, where that is one of these endings. */
export function releaseEnded(outcomes: readonly string[], { namespace }: Service): string {
  const ended = selectExported(namespace, METRICS.releaseOutcome, { outcome: `=~${outcomes.join('|')}` });
  return `max by (namespace, outcome) (${ended}) > 0`;
}

/** No guard leads, or none is there to be scraped; both results carry the same labels. */
export function leaderless({ namespace }: Service): string {
  const leads = selectExported(namespace, METRICS.guardLeads);
  return `max by (job, namespace) (${leads}) == 0 or absent(${leads})`;
}

/** The guard has had no Watchdog, or no answer of Prometheus, for as long as it takes silence for news. */
export function blind({ namespace, release }: Service): string {
  const age = selectExported(namespace, METRICS.guardSignsAge);
  return `max by (namespace, of) (${age}) > ${toSeconds(release.guard.silence)}`;
}

/** The guard keeps refusing what it is told. */
export function refusesAlerts(service: Service): string {
  return `sum by (namespace) (${risen(METRICS.guardWebhooks, service, { result: 'refused' })}) > ${REFUSED}`;
}

/** The guard keeps failing at something. */
export function guardFails(service: Service): string {
  return `sum by (namespace, doing) (${risen(METRICS.guardErrors, service)}) > ${FAILED}`;
}

function risen(metric: Metric, { namespace }: Service, matchers: Matchers = {}): string {
  return `increase(${selectExported(namespace, metric, matchers)}[15m])`;
}
