import { describe, expect, test } from '@jest/globals';
import { build, drive, settledDrive, type Drive } from './drive.ts';
import { FAILS, GOOD } from './traffic.ts';

const PACE = { surge: 1, minReadySeconds: 20 };

function withdrawn(one: Drive = settledDrive()): Drive {
  one.release(build('bad'), FAILS);
  one.until(() => one.outcome('bad') === 'restored');
  return one;
}

/** A release that goes bad only when all of its pods are there. */
function badAfterRollout(one: Drive): Drive {
  one.release(build('bad'));
  one.run(5);
  one.until(() => one.world.facts().gateway?.isComplete === true);
  one.run(30);
  one.traffic.manners.set('bad', FAILS);
  return one;
}

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

describe('a withdrawn release', () => {
  test('is kept as one pod until its time is over', () => {
    const one = withdrawn();
    one.run(3590);
    expect(one.world.withdrawn?.of).toBe('bad');
    one.run(20);
    expect(one.world.withdrawn).toBeUndefined();
  });

  test('of a good image with a bad configuration is banned with that configuration alone', () => {
    const one = settledDrive();
    const image = 'sluice@sha256:good';
    const release = { id: 'good-bad', image, configuration: 'bad' };
    one.release(build('bad', '1.0.0', { release }), FAILS);
    one.until(() => one.outcome('bad') === 'restored');

    expect([...one.world.quarantined.keys()]).toEqual(['good-bad']);
  });

  test('of the very image and configuration of the good one is not banned: that would ban the good one too', () => {
    const one = settledDrive();
    one.release(build('bad', '1.0.0', { release: build('good').release }), FAILS);
    one.until(() => one.outcome('bad') === 'restored');

    expect(one.world.quarantined.size).toBe(0);
  });

  test('that a person has allowed again is not banned again', () => {
    const one = withdrawn();
    one.world.quarantined.clear();
    one.run(60);

    expect(one.world.quarantined.size).toBe(0);
  });
});

describe('no release is gone back from', () => {
  test('when a dependency makes the version before as bad', () => {
    const one = settledDrive();
    one.release(build('next'));
    one.run(60);
    for (const hash of ['good', 'next']) one.traffic.manners.set(hash, FAILS);
    one.until(() => one.outcome('next') !== undefined);
    one.run(600);

    expect(one.outcome('next')).toBe('refused');
    expect(one.store.state.watch?.verdict?.rule).toBe('cause-elsewhere');
    expect(one.restores()).toEqual([]);
  });

  test('when too few requests tell', () => {
    const one = settledDrive();
    one.traffic.rate = 1;
    one.traffic.probes = 1;
    one.run(30);
    one.release(build('next'), FAILS);
    one.run(40);
    one.traffic.send('firing', 'next', one.world.now);
    one.until(() => one.outcome('next') !== undefined);

    expect(one.outcome('next')).toBe('inconclusive');
    expect(one.store.state.watch?.verdict?.rule).toBe('sample-too-small');
    expect(one.restores()).toEqual([]);
  });

  test('when Prometheus does not answer before patience ends', () => {
    const one = settledDrive();
    one.release(build('bad'), FAILS);
    one.until(() => one.store.state.phase === 'watching');
    one.traffic.answers = false;
    one.until(() => one.outcome('bad') !== undefined);

    expect(one.outcome('bad')).toBe('inconclusive');
    expect(one.store.state.watch?.verdict?.rule).toBe('prometheus-silent');
    expect(one.restores()).toEqual([]);
  });

  test('when the schema no longer works with what was before', () => {
    const one = settledDrive();
    one.release(build('bad', '2.0.0', { safeFrom: '2.0.0' }), FAILS);
    one.until(() => one.outcome('bad') !== undefined);

    expect(one.outcome('bad')).toBe('refused');
    expect(one.store.state.watch?.verdict?.rule).toBe('schema');
    expect(one.world.told.map(({ outcome }) => outcome)).toEqual(['refused']);
  });

  test('when a person has frozen releases, is paused, or has no room', () => {
    const rules = [
      (one: Drive) => {
        const freeze = { until: one.world.now + 3_600_000, reason: 'the sale', by: 'ada' };
        one.store.inbox = { events: [], freeze };
      },
      (one: Drive) => void (one.world.deployment.paused = true),
      (one: Drive) => void (one.world.quota = 0),
    ].map((hinder) => {
      const one = settledDrive();
      one.release(build('bad'), FAILS);
      one.until(() => one.store.state.phase === 'deciding');
      hinder(one);
      one.until(() => one.outcome('bad') !== undefined);
      expect(one.restores()).toEqual([]);
      return one.store.state.watch?.verdict?.rule;
    });

    expect(rules).toEqual(['frozen', 'paused', 'no-room']);
  });

  test('in a dry run: it is decided and told, and the cluster stays as it is', () => {
    const one = settledDrive({ policy: { mode: 'dry-run' } });
    one.release(build('bad'), FAILS);
    one.until(() => one.outcome('bad') !== undefined);
    one.run(60);

    expect(one.outcome('bad')).toBe('dry-run');
    expect(one.store.state.watch?.verdict?.answer).toBe('roll-back');
    expect(new Set(one.acts.map(({ act }) => act.kind))).toEqual(
      new Set(['keep-baseline', 'drop-baseline', 'record', 'tell']),
    );
  });

  test('when it is the first one, which has none before it', () => {
    const one = drive();
    one.traffic.manners.set('good', FAILS);
    one.until(() => one.outcome('good') !== undefined);

    expect(one.outcome('good')).toBe('refused');
    expect(one.store.state.watch?.verdict?.reason).toBe(
      'there is no release to go back to: the guard has seen none before this one',
    );
  });

  test('again within the cooldown, unless a person orders it', () => {
    const one = withdrawn();
    one.release(build('worse'), FAILS);
    one.until(() => one.outcome('worse') !== undefined);
    expect(one.store.state.watch?.verdict?.rule).toBe('cooldown');
    one.order('worse');
    one.until(() => one.outcome('worse') === 'restored');

    expect(one.restores()).toEqual(['good', 'good']);
  });
});

describe('twenty releases in a row', () => {
  test('of which one is bad: that one is gone back from, and no other', () => {
    const one = settledDrive();
    for (let number = 1; number <= 20; number++) {
      const hash = `r${number}`;
      one.release(build(hash), number === 13 ? FAILS : GOOD);
      one.until(() => one.outcome(hash) !== undefined);
    }
    const outcomes = [...one.world.records.values()].map(({ hash, outcome }) => `${hash} ${outcome}`);

    expect(outcomes.filter((line) => !line.endsWith('proven'))).toEqual(['r13 restored']);
    expect(one.restores()).toEqual(['r12']);
  });
});
