import {
  addEvent,
  formatInbox,
  orderKey,
  parseInbox,
  parseState,
  STORES,
  StoredError,
  type GuardEvent,
} from '../../../alerts/rollback/index.ts';
import { plain } from '../../plain.ts';
import { UnavailableError } from '../errors.ts';
import { change } from './change.ts';
import type { Place } from './place.ts';

/** What a person orders. */
export type Order = {
  /** The release to leave, and the one to go back to, by their hashes. */
  readonly hash: string;
  readonly target: string;
  readonly reason: string;
  /** In milliseconds since 1970. */
  readonly at: number;
};

/** Puts an order into the guard's inbox. Throws an UnavailableError when the inbox is full or cannot be read. */
export async function giveOrder(place: Place, { hash, target, reason, at }: Order): Promise<GuardEvent> {
  const { by } = place;
  const key = orderKey({ by, startsAt: at, hash });
  const event: GuardEvent = { key, kind: 'order', name: by, hash, storedAt: at, startsAt: at, reason, target };
  await change(place, STORES.guard, (data) => {
    const { result, inbox } = added(event, data);
    if (result === 'full') throw new UnavailableError('too many events wait for the guard; is it at work? try again');
    return result === 'duplicate' ? undefined : { events: formatInbox(inbox).events };
  });
  return event;
}

function added(
  event: GuardEvent,
  { events, freeze, state }: Readonly<Record<string, string>>,
): ReturnType<typeof addEvent> {
  try {
    return addEvent(parseInbox(events, freeze), event, parseState(state).taken);
  } catch (error) {
    if (!(error instanceof StoredError)) throw error;
    throw new UnavailableError(`the ConfigMap ${STORES.guard} cannot be read: ${plain(error.message)}`, {
      cause: error,
    });
  }
}
