import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Lease } from '../../../../alerts/rollback/cluster/index.ts';
import { LEADS_FOR_MS, LEASE_MS } from '../../../../alerts/rollback/cluster/lease.ts';
import { eventually } from '../../../support/eventually.ts';
import { Hand, type Place } from './place.ts';

/** A candidate whose clock and tries are the test's. */
type Candidate = { readonly lease: Lease; readonly failures: unknown[]; now: number; next: () => Promise<void> };

/** Who of several guards leads. */
export function leaseSuite(open: () => Promise<Place>): void {
  describe('the lease', () => {
    let hand: Hand;
    const candidates: Candidate[] = [];

    beforeEach(async () => {
      hand = new Hand(await open());
      await hand.prepare();
    });
    afterEach(async () => {
      await Promise.all(candidates.splice(0).map(({ lease }) => lease.stop()));
      await hand.place.close();
    });

    /** One that has made its first try. */
    async function candidate(identity: string): Promise<Candidate> {
      let ready = Promise.withResolvers<undefined>();
      let go = Promise.withResolvers<undefined>();
      const failures: unknown[] = [];
      const { lease } = hand.guard({
        identity,
        now: () => made.now,
        onLeaseError: (error) => failures.push(error),
        async pause(_milliseconds, stopped) {
          ready.resolve(undefined);
          stopped.addEventListener('abort', () => go.resolve(undefined));
          await go.promise;
          go = Promise.withResolvers();
        },
      });
      const made: Candidate = {
        lease,
        failures,
        now: 0,
        async next() {
          ready = Promise.withResolvers();
          go.resolve(undefined);
          await ready.promise;
        },
      };
      candidates.push(made);
      lease.start();
      await ready.promise;
      return made;
    }

    test('is held by the first, and the second waits', async () => {
      const one = await candidate('guard-1');
      const two = await candidate('guard-2');

      expect([one, two].map(({ lease }) => lease.leads())).toEqual([true, false]);
      expect(two.lease.holder()).toBe('guard-1');
      // Who has not renewed it in its time holds it no more, also where nobody can take it over.
      two.now += LEASE_MS;
      expect(two.lease.holder()).toBeUndefined();
    });

    test('stays where it is as long as its holder renews it, whatever clocks say', async () => {
      const one = await candidate('guard-1');
      const two = await candidate('guard-2');
      two.now = 1_000_000;
      for (let round = 0; round < 5; round++) {
        one.now += 3_000;
        two.now += LEASE_MS - 1;
        await one.next();
        await two.next();
      }

      expect([one, two].map(({ lease }) => lease.leads())).toEqual([true, false]);
    });

    test('is taken over when its holder is gone for the time of the lease, and not before', async () => {
      const one = await candidate('guard-1');
      const two = await candidate('guard-2');
      two.now += LEASE_MS - 1;
      await two.next();
      expect(two.lease.leads()).toBe(false);

      two.now += 1;
      await two.next();
      expect(two.lease.leads()).toBe(true);
      expect(two.lease.holder()).toBe('guard-2');

      // Back again, the first one finds that it does not lead.
      one.now += LEASE_MS;
      await one.next();
      expect(one.lease.leads()).toBe(false);
    });

    test('of two that take it over at once is held by one', async () => {
      await candidate('guard-1');
      const [two, three] = [await candidate('guard-2'), await candidate('guard-3')];
      two.now += LEASE_MS;
      three.now += LEASE_MS;
      await Promise.all([two.next(), three.next()]);

      expect([two, three].filter(({ lease }) => lease.leads())).toHaveLength(1);
    });

    test('that cannot be renewed leads no longer, before another one may', async () => {
      const one = await candidate('guard-1');
      await hand.remove(hand.paths.lease);
      one.now += LEADS_FOR_MS - 1;
      await one.next();
      expect(one.lease.leads()).toBe(true);
      expect(one.failures).toHaveLength(1);

      one.now += 1;
      expect(one.lease.leads()).toBe(false);
      expect(LEADS_FOR_MS).toBeLessThan(LEASE_MS);
    });

    test('is given back at the end, and another one leads at its next try', async () => {
      const one = await candidate('guard-1');
      const two = await candidate('guard-2');
      await one.lease.stop();
      await two.next();

      expect([one, two].map(({ lease }) => lease.leads())).toEqual([false, true]);
      expect((await hand.require(hand.paths.lease)).spec).toMatchObject({
        holderIdentity: 'guard-2',
        leaseDurationSeconds: LEASE_MS / 1_000,
        leaseTransitions: 2,
      });
    });

    test('is renewed by timers', async () => {
      const { lease } = hand.guard();
      lease.start();
      try {
        await eventually(() => expect(lease.leads()).toBe(true));
      } finally {
        await lease.stop();
      }
      expect((await hand.require(hand.paths.lease)).spec).not.toHaveProperty('holderIdentity');
    });
  });
}
