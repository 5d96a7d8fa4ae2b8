import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MAX_RECORD_BYTES, MAX_RECORDS } from '../../../../alerts/rollback/cluster/write-record.ts';
import type { GuardCluster } from '../../../../alerts/rollback/cluster/index.ts';
import type { ReleaseRecord } from '../../../../alerts/rollback/record.ts';
import { STORES } from '../../../../alerts/rollback/state.ts';
import { Hand, type Place } from './place.ts';

const RELEASE = { id: '0123456789ab-aaaaaaaaaa', image: 'shop@sha256:0123456789ab', configuration: 'aaaaaaaaaa' };

/** The quarantined releases, and the records of all. */
export function listsSuite(open: () => Promise<Place>): void {
  describe('what the guard writes down', () => {
    let hand: Hand;
    let guard: GuardCluster;

    beforeEach(async () => {
      hand = new Hand(await open());
      guard = hand.guard();
      await hand.prepare();
    });
    afterEach(() => hand.place.close());

    async function entries(name: string): Promise<Readonly<Record<string, string>>> {
      const { data = {} } = await hand.require(`${hand.paths.configMaps}/${name}`);
      return data as Readonly<Record<string, string>>;
    }

    test('a quarantine is noted beside the others, and the first reason stays', async () => {
      await hand.patch(`${hand.paths.configMaps}/${STORES.quarantine}`, { data: { other: '{}' } });
      const quarantine = { kind: 'quarantine', release: RELEASE, by: 'sluice-guard' } as const;
      await guard.perform({ ...quarantine, reason: '7 % failed', at: 1_000 });
      await guard.perform({ ...quarantine, reason: '9 % failed', at: 2_000 });

      const { other, [RELEASE.id]: noted = '' } = await entries(STORES.quarantine);
      expect(other).toBe('{}');
      expect(JSON.parse(noted)).toEqual({
        reason: '7 % failed',
        at: '1970-01-01T00:00:01.000Z',
        by: 'sluice-guard',
      });
    });

    test('a record replaces that of the same release, and the oldest go where there are too many', async () => {
      const unreadable = 'nothing that a guard wrote';
      const older = Array.from({ length: MAX_RECORDS - 1 }, (_, index) => record(`release-${index}`, index + 1));
      const data = Object.fromEntries(older.map((each) => [each.id, JSON.stringify(each)]));
      await hand.patch(`${hand.paths.configMaps}/${STORES.releases}`, { data: { ...data, unreadable } });
      await guard.perform({ kind: 'record', record: record('newest', 100) });
      expect(Object.keys(await entries(STORES.releases)).sort()).toEqual(['newest', ...Object.keys(data)].sort());

      await guard.perform({ kind: 'record', record: record('newest', 200) });
      await guard.perform({ kind: 'record', record: record('newer', 300) });
      const kept = await entries(STORES.releases);
      expect(Object.keys(kept)).toHaveLength(MAX_RECORDS);
      expect(kept).not.toHaveProperty('release-0');
      expect(kept.newest).toContain('200');
    });

    test('records are never more than a ConfigMap holds', async () => {
      for (let index = 0; index < 4; index++) {
        const large = { ...record(`release-${index}`, index), ending: 'é'.repeat(MAX_RECORD_BYTES / 6) };
        await guard.perform({ kind: 'record', record: large });
      }

      expect(Object.keys(await entries(STORES.releases))).toEqual(['release-2', 'release-3']);
    });

    test('an act that cannot be done is an error, so that it is tried again', async () => {
      await hand.remove(`${hand.paths.configMaps}/${STORES.releases}`);

      await expect(guard.perform({ kind: 'record', record: record('newest', 1) })).rejects.toThrow(
        'there is no ConfigMap sluice-releases',
      );
    });
  });
}

function record(id: string, endedAt: number): ReleaseRecord {
  return {
    format: 1,
    id,
    hash: 'abc',
    release: RELEASE,
    version: '1.4.0',
    safeFrom: '0.0.0',
    seenAt: 0,
    samples: [],
    outcome: 'proven',
    ending: 'it lasted its window',
    endedAt,
    timings: {},
  };
}
