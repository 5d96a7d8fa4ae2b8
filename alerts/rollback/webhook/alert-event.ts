import { RELEASE_ALERTS } from '../../release-alerts.ts';
import { WATCH_ALERTS } from '../../watch-alerts.ts';
import { alertKey } from '../events.ts';
import type { GuardEvent } from '../state.ts';
import type { NotifiedAlert } from './notification.ts';
import { Refusal } from './refusal.ts';

/** Which alerts are taken. */
export type AdmissionOptions = {
  readonly namespace: string;
  /** Labels beside those of our own rules. */
  readonly externalLabels: readonly string[];
  /** Milliseconds since the start of one that fires, or since the end of one that does no longer. */
  readonly alertAge: number;
};

/** What an alert is to the guard: something to decide on, or a sign that alerts arrive at all. */
export type Admitted = { readonly event: GuardEvent } | { readonly isAlive: boolean };

const WATCHDOG = 'Watchdog' satisfies (typeof WATCH_ALERTS)[number]['id'];
const RELEASE: readonly string[] = RELEASE_ALERTS.map(({ id }) => id);

const OWN_LABELS = ['alertname', 'severity', 'team', 'service', 'namespace'];
const HASH_LABEL = 'pod_template_hash';
const HASH = /^[a-z0-9]{5,16}$/;

// How far the clock of Prometheus may be from ours.
const SKEW = 60_000;

/** A function that makes an event of an alert, at a time in milliseconds since 1970, or throws a Refusal. */
export function createAdmission({ namespace, externalLabels, alertAge }: AdmissionOptions) {
  const common = new Set([...OWN_LABELS, ...externalLabels]);
  return (alert: NotifiedAlert, now: number): Admitted => {
    const { status, labels, startsAt, endsAt, fingerprint } = alert;
    const { alertname: name = '', [HASH_LABEL]: hash = '' } = labels;
    const isWatchdog = name === WATCHDOG;
    if (!isWatchdog && !RELEASE.includes(name))
      throw new Refusal('alert-unknown', `alertname ${shown(name)} is none of ours`);
    const strange = Object.keys(labels).find((label) => !common.has(label) && (isWatchdog || label !== HASH_LABEL));
    if (strange !== undefined)
      throw new Refusal(
        'alert-label',
        `label ${shown(strange)} is neither ours nor among release.guard.externalLabels`,
      );
    if (labels.namespace !== namespace)
      throw new Refusal('alert-label', `namespace ${shown(labels.namespace ?? '')} is not ${namespace}`);
    if (isWatchdog) return { isAlive: status === 'firing' };
    if (!HASH.test(hash)) throw new Refusal('alert-label', `${HASH_LABEL} ${shown(hash)} is no hash of a template`);
    if (startsAt > now + SKEW) throw new Refusal('alert-early', `it began ${seconds(startsAt - now)} s in the future`);
    const age = now - (status === 'firing' ? startsAt : endsAt);
    if (age > alertAge + SKEW)
      throw new Refusal('alert-old', `${status} since ${seconds(age)} s, and ${seconds(alertAge)} s is old`);
    const key = alertKey({ kind: status, fingerprint, startsAt, hash });
    return { event: { key, kind: status, name, hash, storedAt: now, startsAt } };
  };
}

/** As much of a stranger's text as a line of the log should hold, on one line. */
function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 1000);
}
