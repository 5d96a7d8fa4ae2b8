import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MAX_EVENTS } from '../../../../alerts/rollback/events.ts';
import { EMPTY_STATE, STORES, type GuardEvent, type State } from '../../../../alerts/rollback/state.ts';
import { Hand, type Place } from './place.ts';

const WATCHED: State = { ...EMPTY_STATE, current: 'abc' };

/** What the guard keeps. */
export function storeSuite(open: () => Promise<Place>): void {
  describe('the store', () => {
    let hand: Hand;

    beforeEach(async () => {
      hand = new Hand(await open());
      await hand.prepare();
    });
    afterEach(() => hand.place.close());

    test('that nobody has written to has the state of a guard that has seen nothing', async () => {
      expect(await hand.guard().store.read()).toEqual({
        state: EMPTY_STATE,
        inbox: { events: [] },
        signs: { watchdog: 0, prometheus: 0 },
        version: expect.stringMatching(/^\d+$/),
      });
    });

    test('that the manifests did not bring is said, with what brings it', async () => {
      await hand.remove(`${hand.paths.configMaps}/${STORES.guard}`);

      await expect(hand.guard().store.read()).rejects.toMatchObject({
        name: 'ClusterError',
        message: expect.stringMatching(/there is no ConfigMap sluice-guard in '.+'; the manifests .+: deploy them/),
      });
    });

    test('takes the state of one of two guards that read the same', async () => {
      const [one, other] = [hand.guard().store, hand.guard().store];
      const [seenByOne, seenByOther] = await Promise.all([one.read(), other.read()]);
      const stored = await Promise.all([
        one.writeState(seenByOne, WATCHED),
        other.writeState(seenByOther, { ...EMPTY_STATE, current: 'def' }),
      ]);

      expect(stored.toSorted()).toEqual([false, true]);
      expect((await one.read()).state.current).toBe(stored[0] ? 'abc' : 'def');
    });

    test('keeps every event of several that write at once, each once', async () => {
      const { store } = hand.guard();
      const events = ['a', 'b', 'c'].map(eventOf);
      const first = await Promise.all(events.map((each) => store.addEvent(each)));
      const again = await Promise.all(events.map((each) => store.addEvent(each)));

      expect(first).toEqual(['accepted', 'accepted', 'accepted']);
      expect(again).toEqual(['duplicate', 'duplicate', 'duplicate']);
      const { inbox } = await store.read();
      expect(inbox.events.map(({ key }) => key).sort()).toEqual(['a', 'b', 'c']);
    });

    test('lets go of the events that a state took, and knows them when they come again', async () => {
      const { store } = hand.guard();
      await store.addEvent(eventOf('a'));
      await store.addEvent(eventOf('b'));
      expect(await store.writeState(await store.read(), { ...WATCHED, taken: ['a'] })).toBe(true);

      expect((await store.read()).inbox.events).toEqual([eventOf('b')]);
      expect(await store.addEvent(eventOf('a'))).toBe('duplicate');
    });

    test('loses no event that came between reading and writing', async () => {
      const { store } = hand.guard();
      const kept = await store.read();
      await store.addEvent(eventOf('a'));

      expect(await store.writeState(kept, WATCHED)).toBe(false);
      expect((await store.read()).inbox.events).toEqual([eventOf('a')]);
    });

    test('is busy where too many wait', async () => {
      const { store } = hand.guard();
      const events = JSON.stringify(Array.from({ length: MAX_EVENTS }, (_, index) => eventOf(`event ${index}`)));
      await hand.patch(`${hand.paths.configMaps}/${STORES.guard}`, { data: { events } });

      expect(await store.addEvent(eventOf('one more'))).toBe('busy');
    });

    test('notes signs of life, and no older ones over them', async () => {
      const { store } = hand.guard();
      await store.writeSigns({ watchdog: 2_000 });
      await store.writeSigns({ prometheus: 3_000 });
      await store.writeSigns({ watchdog: 1_000 });

      expect((await store.read()).signs).toEqual({ watchdog: 2_000, prometheus: 3_000 });
    });

    test('is frozen, and no longer', async () => {
      const { store } = hand.guard();
      const freeze = { until: 5_000, reason: 'the sale', by: 'ada' };
      await store.writeFreeze(freeze);
      expect((await store.read()).inbox.freeze).toEqual(freeze);

      await store.writeFreeze(undefined);
      expect((await store.read()).inbox).not.toHaveProperty('freeze');
    });

    test('that holds what no guard wrote is not used', async () => {
      await hand.patch(`${hand.paths.configMaps}/${STORES.guard}`, { data: { state: '{"format":2}' } });

      await expect(hand.guard().store.read()).rejects.toMatchObject({ name: 'StoredError' });
    });
  });
}

function eventOf(key: string): GuardEvent {
  return { key, kind: 'firing', name: 'ReleaseErrors', hash: 'abc', storedAt: 1_000, startsAt: 900 };
}
