import type { IncomingMessage } from 'node:http';
import type { Log } from '../../../service/telemetry/log.ts';
import type { GuardEvent } from '../state.ts';
import { createAccess, type AccessOptions } from './access.ts';
import { createAdmission, type AdmissionOptions } from './alert-event.ts';
import { parseNotification } from './notification.ts';
import { readBody, type BodyBounds } from './read-body.ts';
import { Refusal } from './refusal.ts';

/** What became of a delivery; `truncated`: all that it had was taken, and Alertmanager had left alerts out. */
export type Delivery = 'accepted' | 'duplicate' | 'truncated';

/** Who may tell of what, and who is told of it. */
export type WebhookOptions = AccessOptions &
  AdmissionOptions & {
    /** Default 256 KiB, in 5 s. */
    readonly bounds?: BodyBounds;
    /** In milliseconds since 1970. */
    readonly now: () => number;
    /** Stores events for whoever leads; `duplicate`: all of them were there. Rejects when they cannot be stored. */
    readonly store: (events: readonly GuardEvent[]) => Promise<'added' | 'duplicate' | 'full'>;
    /** Told of each sign that alerts arrive. */
    readonly onWatchdog: (at: number) => void;
    readonly log: Pick<Log, 'info' | 'warn'>;
  };

/**
 * Takes a notification of Alertmanager: it is answered when its events are stored, and nobody waits for what is decided
 * of them. Throws a Refusal; after one that asks to try again, part of the events may have been stored, and are duplicates
 * when all of them come again.
 */
export function createWebhook(options: WebhookOptions): (request: IncomingMessage) => Promise<Delivery> {
  const { bounds = { maxBytes: 256 * 1024, timeout: 5_000 }, now, store, onWatchdog, log } = options;
  const requireAccess = createAccess(options);
  const admit = createAdmission(options);
  return async (request) => {
    requireAccess(request);
    const { alerts, truncatedAlerts } = parseNotification(await readBody(request, bounds));
    const at = now();
    const admitted = alerts.map((alert) => admit(alert, at));
    const events = admitted.flatMap((each) => ('event' in each ? [each.event] : []));
    if (truncatedAlerts > 0) log.warn({ truncatedAlerts }, 'Alertmanager left alerts out of a notification');
    const result = events.length === 0 ? 'added' : await stored(events, store);
    if (admitted.some((each) => 'isAlive' in each && each.isAlive)) onWatchdog(at);
    for (const { key, kind, name, hash } of events) log.info({ key, kind, alert: name, hash, result }, 'alert taken');
    if (truncatedAlerts > 0) return 'truncated';
    return result === 'duplicate' ? 'duplicate' : 'accepted';
  };
}

async function stored(events: readonly GuardEvent[], store: WebhookOptions['store']): Promise<'added' | 'duplicate'> {
  const result = await store(events).catch((cause: unknown) => {
    throw new Refusal('store-unavailable', 'the API server did not take it', { cause });
  });
  if (result === 'full') throw new Refusal('inbox-full', 'the guard has not dealt with those before it');
  return result;
}
