import type { GuardEvent, Inbox, State } from './state.ts';

/** How many events wait at most; the guard takes them within a second, so that more are none of Alertmanager's. */
export const MAX_EVENTS = 64;

/** The key of an alert: what comes twice has the same. */
export function alertKey(_alert: {
  readonly kind: 'firing' | 'resolved';
  readonly fingerprint: string;
  readonly startsAt: number;
  readonly hash: string;
}): string {
  throw new Error('not built yet');
}

/** The key of a person's order. */
export function orderKey(_order: { readonly by: string; readonly startsAt: number; readonly hash: string }): string {
  throw new Error('not built yet');
}

/** An inbox with one more event; `duplicate`: it waits already or was taken; `full`: too many wait. */
export function addEvent(
  _inbox: Inbox,
  _event: GuardEvent,
  _taken: State['taken'],
): { readonly result: 'added' | 'duplicate' | 'full'; readonly inbox: Inbox } {
  throw new Error('not built yet');
}

/** The inbox without what was taken; stored together with the state that took it. */
export function withoutTaken(_inbox: Inbox, _state: State): Inbox {
  throw new Error('not built yet');
}
