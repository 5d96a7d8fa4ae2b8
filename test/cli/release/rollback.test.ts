import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { formatState } from '../../../alerts/rollback/index.ts';
import type { Clock } from '../../../infra/cli/release/clock.ts';
import { rollback, type RollbackOptions } from '../../../infra/cli/release/rollback.ts';
import { settledDrive, type Drive } from '../../alerts/rollback/drive.ts';
import { GOOD } from '../../alerts/rollback/traffic.ts';
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

describe('rollback', () => {
  beforeEach(() => proven('b2b2', '2.0.0'));

  test('asks, tells the guard, and follows it to the end', async () => {
    expect(await goBack()).toBe(0);
    expect(asked).toEqual(['Take dev from b2b2 back to good (version 1.0.0)? Type yes to go on: ']);
    expect(last.told.err).toMatch(
      /the guard is told to go back to good\n {2}waiting for the guard: 3 of 3 pods Ready\n/,
    );
    expect(last.told.err).toMatch(/verifying: \d of 3 pods Ready\n/);
    expect(last.told.out).toMatch(/^dev runs good, version 1\.0\.0: /);
    expect(one.restores()).toEqual(['good']);
    expect(one.store.state.watch?.order).toMatchObject({ hash: 'b2b2', target: 'good', reason: 'orders are lost' });
    expect([...one.world.quarantined.keys()]).toEqual([released('b2b2').release.id]);
  });

  test('goes to the revision that --to names, by the start of its hash', async () => {
    proven('c3c3', '3.0.0');
    expect(await goBack({ to: 'goo', yes: true, json: true })).toBe(0);
    expect(JSON.parse(last.told.out)).toMatchObject({ outcome: 'restored', from: 'c3c3', to: 'good' });
    expect(one.restores()).toEqual(['good']);
  });

  test('changes nothing unless the answer is yes', async () => {
    expect(await goBack({}, 'no')).toBe(3);
    one.run(60);
    expect(one.restores()).toEqual([]);
  });

  test('what the guard refuses ends with 1 and its reason', async () => {
    one.world.deployment.paused = true;
    expect(await goBack()).toBe(1);
    expect(last.told.err).toMatch(/error: dev is refused: .*paused/);
  });

  test.each<[string, () => void]>([
    ['has written down', () => undefined],
    ['has yet to write down', () => oweRecords()],
  ])('an order that is refused while a window runs ends as the guard %s', async (_, bring) => {
    one.release(released('c3c3', '3.0.0'), GOOD);
    one.until(() => one.store.state.phase === 'watching' && one.store.state.watch?.firstReadyAt !== undefined);
    one.world.deployment.paused = true;
    const clock: Clock = {
      ...cluster.clock,
      async pause(milliseconds, signal) {
        await cluster.clock.pause(milliseconds, signal);
        bring();
      },
    };
    expect(await goBack({ json: true }, 'yes', clock)).toBe(1);
    expect(one.store.state.phase).toBe('watching');
    expect(JSON.parse(last.told.out)).toMatchObject({
      outcome: 'refused',
      ending: expect.stringContaining('paused'),
      record: expect.stringMatching(/^c3c3-\d+-order-\d+$/),
    });
  });

  test('a freeze keeps no person from going back', async () => {
    one.store.inbox = { ...one.store.inbox, freeze: { until: one.world.now + 600_000, reason: 'a sale', by: 'bob' } };
    expect(await goBack()).toBe(0);
  });

  test('where nobody leads the guard the commands by hand are told, with the number of the revision', async () => {
    cluster.change.leads = false;
    await expect(goBack()).rejects.toMatchObject({
      name: 'UnavailableError',
      message: expect.stringMatching(
        /^nobody leads the guard: .*; by hand:\n {2}kubectl -n sluice-dev rollout undo deployment\/gateway --to-revision=1 {2}# good, version 1\.0\.0\n {2}kubectl .* status .*\n {2}sluice release quarantine b2b2\S+ --env dev /,
      ),
    });
    expect(asked).toEqual([]);
    expect(one.store.inbox.events).toEqual([]);
  });

  test('a guard that stops in the middle is waited for no longer than its deadline', async () => {
    const clock = { now: () => one.world.now, pause: waitAlone };
    const at = desk('yes');
    const options = { ...cluster.options, reason: 'orders are lost' };
    await expect(rollback(options, at, clock)).rejects.toMatchObject({
      name: 'UnavailableError',
      message: expect.stringMatching(/the guard has not ended it in time; .*\n {2}kubectl .*--to-revision=1/),
    });
  });

  test('Ctrl-C leaves the order with the guard', async () => {
    const clock = {
      ...cluster.clock,
      pause: (ms: number) => {
        last.breakOff();
        return cluster.clock.pause(ms);
      },
    };
    await expect(rollback({ ...cluster.options, reason: 'x' }, desk('yes'), clock)).rejects.toMatchObject({
      name: 'AbortedError',
      message: 'broken off; the guard goes on with what it was told, without being followed',
    });
    one.until(() => one.outcome('b2b2') === 'restored');
  });

  test.each<[string, Partial<RollbackOptions>, () => unknown, RegExp]>([
    [
      'a hash that is not there',
      { to: 'd4d4' },
      () => undefined,
      /no revision has the hash 'd4d4'; there are good \(1\.0\.0\)/,
    ],
    ['what is wanted now', { to: 'b2b2' }, () => undefined, /b2b2 is what is wanted now; there are good/],
    [
      'lost configuration',
      { to: 'good' },
      () => one.world.lostConfigurations.add('good'),
      /good cannot be gone back to: its configuration is gone$/,
    ],
    [
      'a release that was rolled back',
      { to: 'good' },
      () => (cluster.change.guard = { state: formatState({ ...one.store.state, rolledBack: ['good'] }) }),
      /good cannot be gone back to: it was rolled back; the guard never takes it back, a new deployment does: sluice up --env dev$/,
    ],
    [
      'a release that was rolled back and is quarantined',
      { to: 'b2b2' },
      () => {
        proven('c3c3', '3.0.0');
        cluster.quarantine[released('b2b2').release.id] = '{}';
        cluster.change.guard = { state: formatState({ ...one.store.state, rolledBack: ['b2b2'] }) };
      },
      /it was rolled back; .* does: sluice release allow b2b2\S+ --env dev --reason '\.\.\.', then sluice up --env dev$/,
    ],
    [
      'a quarantined release',
      { to: 'b2b2' },
      () => {
        proven('c3c3', '3.0.0');
        cluster.quarantine[released('b2b2').release.id] = '{}';
      },
      /b2b2 cannot be gone back to: it is quarantined; when the reason is gone: sluice release allow \S+ --env dev/,
    ],
    [
      'nothing proven',
      {},
      () => one.world.lostConfigurations.add('good'),
      /no proven release that can be gone back to \(b2b2: it is what is wanted now; good: its configuration is gone\)/,
    ],
  ])('%s is wrong usage', async (_, more, bring, message) => {
    bring();
    await expect(goBack(more)).rejects.toMatchObject({ name: 'UsageError', message: expect.stringMatching(message) });
  });

  test('refuses before anything where nobody can be asked', async () => {
    const options = { ...cluster.options, reason: 'x' };
    await expect(rollback(options, desk(), cluster.clock)).rejects.toMatchObject({ name: 'UsageError' });
    expect(cluster.server.asked).toEqual([]);
  });
});

let asked: string[];

function desk(answer?: string): RecordingDesk {
  asked = [];
  last = recordingDesk({ deployer: nobody, answer });
  return last;
}

/** Lets time pass without the guard. */
function waitAlone(milliseconds: number): Promise<void> {
  one.world.pass(milliseconds);
  return Promise.resolve();
}

/** The cluster as it is before the guard has written down how an order ended. */
function oweRecords(): void {
  const { state } = one.store;
  const owed = one.acts.flatMap(({ act }) => {
    if (act.kind !== 'record' || !act.record.order) return [];
    const { format: _, decision: __, timings: ___, windowEndsAt: ____, ...watch } = act.record;
    return [{ kind: 'record', watch } as const];
  });
  one.world.records.clear();
  cluster.change.guard = { state: formatState({ ...state, owed }) };
}

function goBack(more: Partial<RollbackOptions> = {}, answer = 'yes', clock = cluster.clock): Promise<number> {
  const at = desk(answer);
  const ask = (question: string): Promise<string> => {
    asked.push(question);
    return Promise.resolve(answer);
  };
  return rollback({ ...cluster.options, reason: 'orders are lost', ...more }, { ...at, ask }, clock);
}

function proven(hash: string, version: string): void {
  one.release(released(hash, version), GOOD);
  one.until(() => one.outcome(hash) === 'proven');
}

function nobody(): never {
  throw new Error('no command of these needs Pulumi');
}
