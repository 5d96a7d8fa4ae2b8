import { describe, expect, test } from '@jest/globals';
import { badAfterRollout, build, settledDrive, withdrawn } from './drive.ts';
import { FAILS } from './traffic.ts';

const PACE = { surge: 1, minReadySeconds: 20 };

describe('going back', () => {
  test('is done within the time that is promised from the first bad request', () => {
    const one = withdrawn();
    const [record] = [...one.world.records.values()].filter(({ hash }) => hash === 'bad');
    const { detection = Infinity, whole = Infinity } = record?.timings ?? {};

    expect(detection).toBeLessThanOrEqual(45_000);
    expect(whole).toBeLessThanOrEqual(120_000);
  });

  test('is not undone by a second undo of a person: the bad release is refused, not fought over', () => {
    const one = withdrawn();
    one.world.undo();
    expect(one.world.deployment.template.hash).toBe('bad');
    one.until(() => one.outcome('bad') === 'refused');
    one.run(600);

    expect(one.restores()).toEqual(['good']);
    expect(one.store.state.watch?.verdict?.rule).toBe('once');
  });

  test('by a second order leads to the release that was proven before, never to the bad one', () => {
    const one = settledDrive();
    one.release(build('newer'));
    one.until(() => one.outcome('newer') === 'proven');
    withdrawn(one);
    one.order('newer');
    one.until(() => one.outcome('newer') === 'restored');

    expect(one.restores()).toEqual(['newer', 'good']);
  });

  test('goes by hash: an equal template deployed again is the same release, whatever its number', () => {
    const one = withdrawn();
    one.release(build('fixed'));
    one.until(() => one.outcome('fixed') === 'proven');
    one.release(build('bad'));
    one.until(() => one.outcome('bad') === 'refused');

    expect(one.restores()).toEqual(['good']);
  });

  test('skips a release whose ReplicaSet the history no longer has, and tells why', () => {
    const one = settledDrive();
    one.release(build('unproven'));
    one.run(200);
    one.release(build('bad'), FAILS);
    one.world.historyLimit = 0;
    one.until(() => one.outcome('bad') !== undefined);

    expect(one.outcome('bad')).toBe('refused');
    expect(one.store.state.watch?.verdict).toEqual({
      answer: 'refuse',
      rule: 'no-target',
      reason: 'there is no release to go back to: good has no ReplicaSet any more',
    });
    expect(one.restores()).toEqual([]);
  });

  test('to a release whose pods do not start is left to people, who are told once, and nothing else moves', () => {
    const one = badAfterRollout(settledDrive());
    const good = one.world.replicaSets.get('good');
    one.world.replicaSets.set('good', {
      build: build('good', '1.0.0', { neverReady: true }),
      number: good?.number ?? 1,
    });
    one.until(() => one.outcome('bad') !== undefined);
    const moves = one.world.orders.length;
    one.run(1800);

    expect(one.outcome('bad')).toBe('failed');
    expect(one.world.orders).toHaveLength(moves);
    expect(one.world.deployment.pace).toEqual(PACE);
    expect(one.world.told.map(({ outcome }) => outcome)).toEqual(['failed']);
  });

  test('is given up at once when the image of the good release is gone', () => {
    const one = badAfterRollout(settledDrive());
    one.until(() => one.store.state.phase === 'verifying');
    one.world.troubles.set('good', 'ImagePullBackOff: not found');
    one.run(3);

    expect(one.outcome('bad')).toBe('failed');
    expect(one.store.state.watch?.ending).toBe('a pod of good does not start: ImagePullBackOff: not found');
  });

  test('is not called failed for a node that takes twice its time', () => {
    const one = settledDrive();
    one.world.replicaSets.set('good', { build: build('good', '1.0.0', { timeToReady: 40_000 }), number: 1 });
    withdrawn(one);

    expect(one.outcome('bad')).toBe('restored');
  });

  test.each([
    ['more', 8],
    ['fewer', 2],
  ])('ends well when a scaler wants %s pods meanwhile', (_, replicas) => {
    const one = settledDrive({ replicas: 4 });
    one.release(build('bad'), FAILS);
    one.until(() => one.store.state.phase === 'verifying');
    one.world.scale(replicas);
    one.until(() => one.outcome('bad') === 'restored');
    one.run(300);

    expect(one.world.deployment.replicas).toBe(replicas);
    expect(one.world.ready('good')).toBe(replicas);
  });

  test('gives way to a release that comes meanwhile, which is then watched for itself', () => {
    const one = settledDrive();
    one.release(build('bad'), FAILS);
    one.until(() => one.store.state.phase === 'verifying');
    one.release(build('fix'));
    one.until(() => one.outcome('fix') === 'proven');

    expect(one.outcome('bad')).toBe('superseded');
    expect(one.world.deployment.pace).toEqual(PACE);
    expect(one.world.quarantined.has('bad-c0ffee')).toBe(true);
  });

  test('leaves no raised pace behind a release that names none', () => {
    const one = settledDrive();
    one.release(build('bad'), FAILS);
    one.until(() => one.store.state.phase === 'verifying');
    expect(one.world.deployment.pace).toEqual({ surge: 3, minReadySeconds: 0 });
    one.world.deploy(build('fix'));
    one.run(5);

    expect(one.world.deployment.pace).toEqual(PACE);
  });

  test('that follows another at once puts back the pace from before both', () => {
    const one = settledDrive();
    one.release(build('bad'), FAILS);
    one.until(() => one.store.state.phase === 'verifying');
    one.world.deploy(build('worse'));
    one.tick();
    one.order('worse');
    one.until(() => one.outcome('worse') === 'restored');
    one.run(5);

    expect(one.world.deployment.pace).toEqual(PACE);
  });

  test('leaves a pace alone that somebody else has set meanwhile', () => {
    const one = settledDrive();
    one.release(build('bad'), FAILS);
    one.until(() => one.store.state.phase === 'verifying');
    one.world.deployment.pace = { surge: 2, minReadySeconds: 5 };
    one.until(() => one.outcome('bad') === 'restored');
    one.run(30);

    expect(one.world.deployment.pace).toEqual({ surge: 2, minReadySeconds: 5 });
  });

  test('raises the pace by no more than the quota admits', () => {
    const one = settledDrive({ replicas: 4 });
    badAfterRollout(one);
    one.world.quota = 6;
    one.until(() => one.outcome('bad') === 'restored');
    const order = one.acts.find(({ act }) => act.kind === 'restore')?.act;

    expect(order).toMatchObject({ pace: { surge: 2, minReadySeconds: 0 } });
  });

  test('keeps the pace where it is quick enough', () => {
    const one = settledDrive({ replicas: 1 });
    withdrawn(one);
    const order = one.acts.find(({ act }) => act.kind === 'restore')?.act;

    expect(order).toMatchObject({ pace: PACE });
    expect(one.acts.some(({ act }) => act.kind === 'put-back')).toBe(false);
  });
});
