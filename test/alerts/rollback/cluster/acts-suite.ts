import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Act } from '../../../../alerts/rollback/act.ts';
import type { ReleaseRecord } from '../../../../alerts/rollback/record.ts';
import type { LiveObject } from '../../../../alerts/rollback/cluster/live-object.ts';
import { templateEntries, type Fields } from '../../../../alerts/rollback/cluster/managed-fields.ts';
import { templateOf, templateWithoutHash } from '../../../../alerts/rollback/cluster/template.ts';
import { eventually } from '../../../support/eventually.ts';
import { APPLIER, Hand, type Place } from './place.ts';

const SOON_MS = 60_000;
const FAST = { surge: 3, minReadySeconds: 0 };
const USUAL = { surge: 1, minReadySeconds: 1 };

/** What the guard does to the gateway's Deployment, and beside it. */
export function actsSuite(open: () => Promise<Place>): void {
  describe('acting on the gateway', () => {
    let hand: Hand;
    let good: string;
    let bad: string;

    beforeEach(async () => {
      hand = new Hand(await open());
      good = await hand.release({ configuration: 'aaaaaaaaaa' });
      bad = await hand.release({ configuration: 'bbbbbbbbbb' });
    });
    afterEach(() => hand.place.close());

    /** Reads, then does: as the guard's loop does. */
    async function act(wanted: Act, guard = hand.guard()): Promise<void> {
      await guard.readFacts(0);
      await guard.perform(wanted);
    }

    test('a restore lands on the very ReplicaSet of the revision, faster, and leaves all else as it is', async () => {
      const before = await hand.gateway();
      await act({ kind: 'restore', from: bad, target: good, pace: FAST });

      expect(await hand.settled()).toBe(good);
      const { revisions, gateway } = await hand.guard().readFacts(0);
      expect(revisions.map(({ hash }) => hash).sort()).toEqual([bad, good].sort());
      expect(gateway).toMatchObject({ pace: FAST, writer: 'sluice-guard', replicas: 2 });
      const after = await hand.gateway();
      expect(after.metadata.labels).toEqual(before.metadata.labels);
      expect(after.metadata.annotations).toMatchObject({ 'pulumi.com/patchForce': 'true' });
    });

    test('a restore that is ordered twice is done once, and never goes back to what it withdrew', async () => {
      const restore: Act = { kind: 'restore', from: bad, target: good, pace: FAST };
      await act(restore);
      await hand.settled();
      const { metadata } = await hand.gateway();
      await act(restore);
      expect((await hand.gateway()).metadata.generation).toBe(metadata.generation);

      const third = await hand.release({ configuration: 'cccccccccc' });
      await act({ kind: 'restore', from: third, target: good, pace: FAST });
      expect(await hand.settled()).toBe(good);
    });

    test('of two guards that decide from the same reading, one changes the Deployment', async () => {
      const [one, other] = [hand.guard(), hand.guard()];
      await Promise.all([one.readFacts(0), other.readFacts(0)]);
      const { metadata } = await hand.gateway();
      const restore: Act = { kind: 'restore', from: bad, target: good, pace: FAST };
      await Promise.all([one.perform(restore), other.perform({ ...restore, pace: { ...FAST, surge: 2 } })]);

      await eventually(async () => {
        const { revisions } = await hand.guard().readFacts(0);
        expect(revisions[0]?.hash).toBe(good);
      }, SOON_MS);
      expect((await hand.gateway()).metadata.generation).toBe((metadata.generation ?? 0) + 1);
    });

    test('what was changed after the reading is not overwritten', async () => {
      const guard = hand.guard();
      await guard.readFacts(0);
      const third = await hand.release({ configuration: 'cccccccccc' });
      await guard.perform({ kind: 'restore', from: bad, target: good, pace: FAST });
      await guard.perform({ kind: 'put-back', from: USUAL, pace: FAST });
      // Nor by one that reads again: it was decided of another release.
      await act({ kind: 'restore', from: bad, target: good, pace: FAST });

      expect(await hand.settled()).toBe(third);
      expect((await hand.guard().readFacts(0)).gateway?.pace).toEqual(USUAL);
    });

    test('the number of pods that an autoscaler set meanwhile stays', async () => {
      await hand.patch(`${hand.paths.deployments}/gateway`, { spec: { replicas: 3 } });
      await hand.settled();
      await act({ kind: 'restore', from: bad, target: good, pace: FAST });

      expect(await hand.settled()).toBe(good);
      expect((await hand.guard().readFacts(0)).gateway?.replicas).toBe(3);
    });

    test('the pace is put back where it is the one of the restore, and left where somebody set another', async () => {
      await act({ kind: 'restore', from: bad, target: good, pace: FAST });
      await hand.settled();
      await act({ kind: 'put-back', from: FAST, pace: USUAL });
      expect((await hand.guard().readFacts(0)).gateway?.pace).toEqual(USUAL);

      await act({ kind: 'put-back', from: FAST, pace: { surge: 9, minReadySeconds: 9 } });
      expect((await hand.guard().readFacts(0)).gateway?.pace).toEqual(USUAL);
    });

    describe('with a release that has an environment variable and a volume more than the one after it', () => {
      const more = { configuration: 'cccccccccc', extra: 'extra' };
      const container = 'f:spec.f:template.f:spec.f:containers.k:{"name":"gateway"}';
      const added = [
        `${container}.f:env.k:{"name":"extra"}.f:value`,
        `${container}.f:env.k:{"name":"extra"}..`,
        `${container}.f:volumeMounts.k:{"mountPath":"/extra"}..`,
        'f:spec.f:template.f:spec.f:volumes.k:{"name":"extra"}..',
      ];
      const configuration = 'f:spec.f:template.f:spec.f:volumes.k:{"name":"config"}.f:configMap.f:name';

      async function restored(less: { readonly configuration: string }): Promise<string> {
        const target = await hand.apply(more);
        const from = await hand.apply(less);
        expect(JSON.stringify(templateOf(await hand.gateway()))).not.toContain('extra');
        await act({ kind: 'restore', from, target, pace: USUAL });
        expect(await hand.settled()).toBe(target);
        return from;
      }

      test('the guard owns what it has set, until it hands over what the one after had not', async () => {
        const from = await restored({ configuration: 'dddddddddd' });
        expect(ownedBy('sluice-guard', await hand.gateway())).toEqual(
          expect.arrayContaining([...added, configuration]),
        );
        await act({ kind: 'hand-over', of: from });

        const handedOver = await hand.gateway();
        const [guards, appliers] = ['sluice-guard', APPLIER].map((name) => ownedBy(name, handedOver));
        expect(guards?.filter((field) => field.includes('extra'))).toEqual([]);
        expect(guards).toContain(configuration);
        expect(appliers).toEqual(expect.arrayContaining(added));
        expect(appliers).not.toContain(configuration);
        expect((await hand.guard().readFacts(0)).gateway?.writer).toBe('sluice-guard');

        await act({ kind: 'hand-over', of: from });
        expect((await hand.gateway()).metadata.managedFields).toEqual(handedOver.metadata.managedFields);
      });

      test('what was handed over goes with the next release that is applied without it', async () => {
        const from = await restored({ configuration: 'dddddddddd' });
        await act({ kind: 'hand-over', of: from });
        await hand.apply({ configuration: 'eeeeeeeeee' });

        const gateway = await hand.gateway();
        expect(JSON.stringify(templateOf(gateway))).not.toContain('extra');
        expect(ownedBy('sluice-guard', gateway)).toEqual([]);
      });

      test('it is handed over although the Deployment has changed since it was read', async () => {
        const from = await restored({ configuration: 'dddddddddd' });
        const guard = hand.guard();
        await guard.readFacts(0);
        await hand.patch(`${hand.paths.deployments}/gateway`, { metadata: { annotations: { seen: 'yes' } } });
        await guard.perform({ kind: 'hand-over', of: from });

        expect(ownedBy(APPLIER, await hand.gateway())).toEqual(expect.arrayContaining(added));
      });

      test('a restore that has changed nothing else hands over nothing, since it must be known that it was made', async () => {
        const from = await restored({ configuration: more.configuration });
        await act({ kind: 'hand-over', of: from });

        expect(ownedBy('sluice-guard', await hand.gateway())).toEqual(expect.arrayContaining(added));
      });
    });

    test('a revision whose ReplicaSet is gone cannot be restored, and that is said', async () => {
      await hand.patch(`${hand.paths.deployments}/gateway`, { spec: { revisionHistoryLimit: 0 } });
      await eventually(async () => {
        const { revisions } = await hand.guard().readFacts(0);
        expect(revisions.map(({ hash }) => hash)).toEqual([bad]);
      }, SOON_MS);

      await expect(act({ kind: 'restore', from: bad, target: good, pace: FAST })).rejects.toThrow(
        `the gateway has no ReplicaSet of the revision ${good} any more, of ${bad}`,
      );
    });

    test('a restore is told in an Event on the Deployment', async () => {
      await act({ kind: 'restore', from: bad, target: good, pace: FAST });

      const { items } = (await hand.require(hand.paths.events)) as unknown as { items: readonly object[] };
      expect(items).toContainEqual(
        expect.objectContaining({
          reason: 'ReleaseWithdrawn',
          note: expect.stringContaining(bad),
          regarding: expect.objectContaining({ kind: 'Deployment', name: 'gateway' }),
        }),
      );
    });

    test('how a release ended is told in an Event on the Deployment', async () => {
      const record = { outcome: 'failed', ending: `the ReplicaSet of ${good} is gone` } as ReleaseRecord;
      await act({ kind: 'tell', record });

      const { items } = (await hand.require(hand.paths.events)) as unknown as { items: readonly object[] };
      expect(items).toContainEqual(
        expect.objectContaining({
          reason: 'ReleaseNotRestored',
          type: 'Warning',
          note: record.ending,
          regarding: expect.objectContaining({ kind: 'Deployment', name: 'gateway' }),
        }),
      );
    });

    test('a baseline runs the revision in the Service, under a hash of its own, and is no pod of the Deployment', async () => {
      await act({ kind: 'keep-baseline', of: good, pods: 1 });
      await eventually(async () => {
        const { baseline } = await hand.guard().readFacts(0);
        expect(baseline).toEqual({ of: good, hash: expect.stringMatching(/./), ready: 1 });
        expect([good, bad]).not.toContain(baseline?.hash);
      }, SOON_MS);

      const made = await hand.require(`${hand.paths.deployments}/gateway-baseline`);
      const { template, selector } = made.spec as { template: Template; selector: { matchLabels: object } };
      const own = { 'app.kubernetes.io/name': 'gateway', 'app.kubernetes.io/instance': 'gateway-baseline' };
      expect(selector.matchLabels).toEqual(own);
      expect(template.metadata.labels).toMatchObject({ ...own, 'app.kubernetes.io/version': '1.4.0' });
      const set = await hand.require(`${hand.paths.replicaSets}/gateway-${good}`);
      expect(template.spec).toEqual(templateWithoutHash(set).spec);
      const { uid } = (await hand.gateway()).metadata;
      expect(made.metadata.ownerReferences).toEqual([expect.objectContaining({ name: 'gateway', uid })]);
      const { revisions, gateway } = await hand.guard().readFacts(0);
      expect(revisions).toHaveLength(2);
      expect(gateway?.isComplete).toBe(true);
    });

    test('a baseline is made once, replaced by one of another revision, and dropped once', async () => {
      const path = `${hand.paths.deployments}/gateway-baseline`;
      await act({ kind: 'keep-baseline', of: good, pods: 1 });
      const { uid } = (await hand.require(path)).metadata;
      await act({ kind: 'keep-baseline', of: good, pods: 1 });
      expect((await hand.require(path)).metadata.uid).toBe(uid);

      await act({ kind: 'keep-baseline', of: bad, pods: 1 });
      expect((await hand.require(path)).metadata.uid).not.toBe(uid);
      expect((await hand.guard().readFacts(0)).baseline?.of).toBe(bad);

      await act({ kind: 'drop-baseline' });
      await act({ kind: 'drop-baseline' });
      expect(await hand.guard().readFacts(0)).not.toHaveProperty('baseline');
    });

    test('a withdrawn release is kept outside the Service until its time', async () => {
      const until = Date.parse('2030-01-01T12:00:00Z');
      await act({ kind: 'keep-withdrawn', of: bad, until });
      expect((await hand.guard().readFacts(0)).withdrawn).toMatchObject({ of: bad, until });
      const { spec } = await hand.require(`${hand.paths.deployments}/gateway-withdrawn`);
      expect((spec as { template: Template }).template.metadata.labels).toMatchObject({
        'app.kubernetes.io/name': 'gateway-withdrawn',
      });

      await act({ kind: 'drop-withdrawn' });
      expect(await hand.guard().readFacts(0)).not.toHaveProperty('withdrawn');
    });

    test("a Deployment of somebody else under a companion's name is not touched, and that is said", async () => {
      const { spec } = await hand.gateway();
      const labels = { 'app.kubernetes.io/name': 'other' };
      const other = {
        ...(spec as { template: Template }),
        replicas: 0,
        selector: { matchLabels: labels },
        template: { ...(spec as { template: Template }).template, metadata: { labels } },
      };
      const metadata = { name: 'gateway-baseline', labels };
      await hand.create(hand.paths.deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: other });

      for (const wanted of [{ kind: 'keep-baseline', of: good, pods: 1 }, { kind: 'drop-baseline' }] as const) {
        await expect(act(wanted)).rejects.toThrow('gateway-baseline is not the guard');
      }
      expect((await hand.require(`${hand.paths.deployments}/gateway-baseline`)).metadata.labels).toEqual(labels);
    });
  });
}

/** The fields of a template that a manager owns, each as the keys that lead to it. */
function ownedBy(manager: string, workload: LiveObject): readonly string[] {
  return templateEntries(workload)
    .filter((entry) => entry.manager === manager)
    .flatMap(({ fieldsV1 = {} }) => leavesOf({ 'f:spec': fieldsV1['f:spec'] }))
    .filter((field) => field.startsWith('f:spec.f:template'));
}

function leavesOf(fields: Fields): readonly string[] {
  return Object.entries(fields).flatMap(([key, inner]) => {
    const below = leavesOf(inner as Fields);
    return below.length === 0 ? [key] : below.map((each) => `${key}.${each}`);
  });
}

type Template = { readonly metadata: { readonly labels: object }; readonly spec: object };
