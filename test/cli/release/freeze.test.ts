import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { EFFECT, freeze, unfreeze } from '../../../infra/cli/release/freeze.ts';
import { settledDrive, type Drive } from '../../alerts/rollback/drive.ts';
import { FAILS } from '../../alerts/rollback/traffic.ts';
import { recordingDesk, type RecordingDesk } from '../../support/desk.ts';
import { released, showCluster, type GuardedCluster } from './guarded-cluster.ts';

let one: Drive;
let cluster: GuardedCluster;
let last: RecordingDesk;

beforeEach(async () => {
  one = settledDrive();
  cluster = await showCluster(one);
});
afterEach(() => cluster.close());

describe('freeze', () => {
  const until = (): number => one.world.now + 3_600_000;

  test('keeps the guard from moving a bad release, until it is ended', async () => {
    expect(await freeze({ ...cluster.options, reason: 'a sale', until: until() }, desk())).toBe(0);
    expect(last.told.out).toMatch(
      /^dev is frozen until 2027-\S+Z by \S.*: a sale\n.*sluice release unfreeze --env dev\n$/,
    );
    expect(one.store.inbox.freeze).toMatchObject({ reason: 'a sale', until: until() });
    one.release(released('b2b2'), FAILS);
    one.until(() => one.outcome('b2b2') === 'refused');
    expect(one.restores()).toEqual([]);
    expect(await unfreeze(cluster.options, desk(), cluster.clock)).toBe(0);
    expect(last.told.out).toMatch(/^dev is no longer frozen; it was: .*: a sale\n$/);
    expect(one.store.inbox.freeze).toBeUndefined();
  });

  test('of two people the second one sees what the first one said', async () => {
    cluster.change.meanwhile(() => {
      one.store.inbox = { ...one.store.inbox, freeze: { until: until(), reason: 'the first', by: 'bob' } };
    });
    const options = { ...cluster.options, reason: 'the second', until: until() };
    expect(await freeze(options, desk())).toBe(0);
    expect(last.told.err).toMatch(/^note: this takes the place of another freeze: .* by bob: the first\n/);
    expect(one.store.inbox.freeze).toMatchObject({ reason: 'the second' });
  });

  test('an alert that is stored at the same time is not lost', async () => {
    const event = { key: 'k', kind: 'order' as const, name: 'bob', hash: 'x', storedAt: 1, startsAt: 1 };
    cluster.change.meanwhile(() => (one.store.inbox = { ...one.store.inbox, events: [event] }));
    await freeze({ ...cluster.options, reason: 'a sale', for: until() }, desk());
    expect(one.store.inbox.events).toEqual([event]);
  });

  test('nothing to end is said', async () => {
    expect(await unfreeze(cluster.options, desk(), cluster.clock)).toBe(0);
    expect(last.told.out).toBe('nothing to do: dev is not frozen\n');
    expect(await unfreeze({ ...cluster.options, json: true }, desk(), cluster.clock)).toBe(0);
    expect(JSON.parse(last.told.out)).toEqual({ env: 'dev', frozen: null, before: null });
  });

  test('one that cannot be read is ended all the same', async () => {
    cluster.change.guard = { freeze: 'by hand' };
    cluster.change.meanwhile(() => (cluster.change.guard = {}));
    expect(await unfreeze(cluster.options, desk(), cluster.clock)).toBe(0);
    expect(last.told.out).toMatch(/^dev is no longer frozen; it was: dev is frozen until somebody ends it by somebody/);
    expect(one.store.inbox.freeze).toBeUndefined();
  });

  test('without the right to it the right is named', async () => {
    cluster.change.mayPatch = false;
    await expect(freeze({ ...cluster.options, reason: 'a sale', until: until() }, desk())).rejects.toMatchObject({
      name: 'ClusterError',
      message: expect.stringMatching(
        /^forbidden by RBAC to patch the ConfigMap sluice-guard: ada cannot patch configmaps; ask for a Role in 'sluice-dev' with the rule .*resourceNames: \[sluice-guard\], verbs: \[get, patch\]/,
      ),
    });
  });

  test('without a guard there is nothing to freeze by', async () => {
    cluster.change.missing = ['ConfigMap sluice-guard'];
    await expect(freeze({ ...cluster.options, reason: 'a sale', until: until() }, desk())).rejects.toMatchObject({
      name: 'UnavailableError',
      message: expect.stringContaining("the namespace 'sluice-dev' has no ConfigMap sluice-guard"),
    });
  });
});

test.each(['README.md', 'docs/releases.md', 'docs/gitops.md'])('%s promises of a freeze what it holds', (file) => {
  const text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
  expect(text.replaceAll(/\s+/g, ' ')).toContain(EFFECT.replaceAll("'", '`'));
});

function desk(): RecordingDesk {
  last = recordingDesk({ deployer: nobody });
  return last;
}

function nobody(): never {
  throw new Error('no command of these needs Pulumi');
}
