import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../../support/eventually.ts';
import { Hand, type Place } from './place.ts';

const SOON_MS = 60_000;
const NOW = 1_700_000_000_000;

/** What the guard sees of a namespace. */
export function factsSuite(open: () => Promise<Place>): void {
  describe('the facts', () => {
    let hand: Hand;

    beforeEach(async () => {
      hand = new Hand(await open());
    });
    afterEach(() => hand.place.close());

    test('of a namespace without a gateway have none', async () => {
      const facts = await hand.guard().readFacts(NOW);

      expect(facts).toEqual({ now: NOW, revisions: [], quarantined: [], withoutConfiguration: [] });
    });

    test('tell the revision that is wanted, its release, pods, pace and writer', async () => {
      const hash = await hand.release({ configuration: 'aaaaaaaaaa' });
      const facts = await hand.guard().readFacts(NOW);

      expect(facts).toMatchObject({
        now: NOW,
        gateway: {
          hash,
          paused: false,
          replicas: 2,
          pace: { surge: 1, minReadySeconds: 1 },
          isComplete: true,
          writer: 'pulumi',
        },
        withoutConfiguration: [],
      });
      expect(facts.revisions).toEqual([
        {
          hash,
          release: {
            id: expect.stringMatching(/-aaaaaaaaaa$/),
            image: hand.place.images.good,
            configuration: 'aaaaaaaaaa',
          },
          version: '1.4.0',
          safeFrom: '1.2.0',
          wanted: 2,
          ready: 2,
        },
      ]);
      expect(facts).not.toHaveProperty('room');
    });

    test('tell every revision, the one that was wanted last first, and whose configuration is gone', async () => {
      const first = await hand.release({ configuration: 'aaaaaaaaaa' });
      const second = await hand.release({ configuration: 'bbbbbbbbbb' });
      await hand.release({ configuration: 'aaaaaaaaaa' });
      await hand.remove(`${hand.paths.configMaps}/gateway-config-bbbbbbbbbb`);
      const facts = await hand.guard().readFacts(NOW);

      expect(facts.revisions.map(({ hash }) => hash)).toEqual([first, second]);
      expect(facts.gateway?.hash).toBe(first);
      expect(facts.withoutConfiguration).toEqual([second]);
    });

    test('tell why a pod will never start, while those before it still serve', async () => {
      const good = await hand.release({ configuration: 'aaaaaaaaaa' });
      const gone = await hand.release({ configuration: 'bbbbbbbbbb', image: hand.place.images.gone });

      await eventually(async () => {
        const { gateway, revisions } = await hand.guard().readFacts(NOW);
        expect(gateway?.isComplete).toBe(false);
        expect(revisions.find(({ hash }) => hash === gone)).toMatchObject({
          ready: 0,
          trouble: expect.stringContaining('its image cannot be pulled'),
        });
        expect(revisions.find(({ hash }) => hash === good)).toMatchObject({ ready: 2 });
      }, SOON_MS);
    });

    test('tell how many more pods the tightest quota admits', async () => {
      await hand.release({ configuration: 'aaaaaaaaaa' });
      // Two pods of 10m run.
      await hand.create(hand.paths.quotas, quota('wide', { pods: '20' }));
      await hand.create(hand.paths.quotas, quota('tight', { 'requests.cpu': '55m', pods: '9' }));

      await eventually(async () => expect((await hand.guard().readFacts(NOW)).room).toBe(3), SOON_MS);
    });

    test('are read again only where the Deployment wants something else, for a guard that waits for nothing', async () => {
      await hand.release({ configuration: 'aaaaaaaaaa' });
      const guard = hand.guard();
      const before = await guard.readFacts(NOW);
      await hand.remove(`${hand.paths.configMaps}/gateway-config-aaaaaaaaaa`);

      const idle = await guard.readFacts(NOW + 1, before);
      expect(idle).toEqual({ ...before, now: NOW + 1 });

      await hand.patch(`${hand.paths.deployments}/gateway`, { spec: { minReadySeconds: 2 } });
      const woken = await guard.readFacts(NOW + 20_000, idle);
      expect(woken).toMatchObject({ now: NOW + 20_000, gateway: { pace: { minReadySeconds: 2 } } });
      expect(woken.withoutConfiguration).toHaveLength(1);
    });

    test('tell what is paused', async () => {
      await hand.release({ configuration: 'aaaaaaaaaa' });
      await hand.patch(`${hand.paths.deployments}/gateway`, { spec: { paused: true } });

      expect((await hand.guard().readFacts(NOW)).gateway?.paused).toBe(true);
    });
  });
}

function quota(name: string, hard: Readonly<Record<string, string>>) {
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name }, spec: { hard } };
}
