import type { GuardEvent, Inbox, State } from './state.ts';

/** How many events wait at most. The guard takes them within seconds: more are nobody's in good faith. */
export const MAX_EVENTS = 64;

// What people and labels say is cut, not refused: an order is not lost for its length.
const MAX_TEXT = 500;

/** The key of an alert: what comes twice has the same. */
export function alertKey(alert: {
  readonly kind: 'firing' | 'resolved';
  readonly fingerprint: string;
  readonly startsAt: number;
  readonly hash: string;
}): string {
  return `${alert.kind}/${alert.fingerprint}/${alert.startsAt}/${alert.hash}`;
}

/** Whether the key is that of an alert on a release. */
export function isAbout(key: string, hash: string): boolean {
  return !key.startsWith('order/') && key.endsWith(`/${hash}`);
}

/** The key of a person's order. */
export function orderKey(order: { readonly by: string; readonly startsAt: number; readonly hash: string }): string {
  return `order/${order.by}/${order.startsAt}/${order.hash}`;
}

/**
 * An inbox with one more event, and how that went: `duplicate`: it waits already or was taken; `full`: too many wait,
 * and whoever sends must try again later.
 */
export function addEvent(
  inbox: Inbox,
  event: GuardEvent,
  taken: State['taken'],
): { readonly result: 'added' | 'duplicate' | 'full'; readonly inbox: Inbox } {
  const bounded = withBoundedText(event);
  const isKnown = taken.includes(bounded.key) || inbox.events.some(({ key }) => key === bounded.key);
  if (isKnown) return { result: 'duplicate', inbox };
  if (inbox.events.length >= MAX_EVENTS) return { result: 'full', inbox };
  return { result: 'added', inbox: { ...inbox, events: [...inbox.events, bounded] } };
}

/** The inbox without what was taken; stored at once with the state that took it. */
export function withoutTaken(inbox: Inbox, { taken }: State): Inbox {
  const events = inbox.events.filter(({ key }) => !taken.includes(key));
  return events.length === inbox.events.length ? inbox : { ...inbox, events };
}

function withBoundedText(event: GuardEvent): GuardEvent {
  return {
    ...event,
    key: cut(event.key),
    name: cut(event.name),
    ...(event.reason !== undefined && { reason: cut(event.reason) }),
  };
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 3)}...` : text;
}
