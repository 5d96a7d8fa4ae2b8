import type { Store } from '../cluster/index.ts';
import type { GuardEvent } from '../state.ts';
import type { Complain } from './complaints.ts';

/** Where events are kept, and who waits for them. */
export type EventStoreOptions = {
  readonly store: Pick<Store, 'addEvent'>;
  readonly complain: Complain;
  /** Called when there is something new. */
  readonly wake: () => void;
};

/**
 * A function that stores events one after the other. Where it cannot store one, those before it stay: the sender comes
 * again with all of them, and what is there already is a duplicate.
 */
export function storeOf({ store, complain, wake }: EventStoreOptions) {
  return async (events: readonly GuardEvent[]): Promise<'added' | 'duplicate' | 'full'> => {
    let result: 'added' | 'duplicate' = 'duplicate';
    try {
      for (const event of events) {
        const answer = await store.addEvent(event);
        if (answer === 'busy') return 'full';
        if (answer === 'accepted') result = 'added';
      }
      return result;
    } catch (error) {
      complain('store', error);
      throw error;
    } finally {
      if (result === 'added') wake();
    }
  };
}
