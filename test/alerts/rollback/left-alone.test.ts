import { describe, expect, test } from '@jest/globals';
import { badAfterRollout, build, drive, settledDrive, withdrawn, type Drive } from './drive.ts';
import { FAILS, GOOD } from './traffic.ts';

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

  test('when the schema was made by a release that is gone again', () => {
    const one = settledDrive();
    one.release(build('migration', '2.0.0', { safeFrom: '2.0.0' }));
    one.run(60);
    one.release(build('bad', '1.0.1'), FAILS);
    one.until(() => one.outcome('bad') !== undefined);

    expect(one.store.state.watch?.verdict?.rule).toBe('schema');
    expect(one.restores()).toEqual([]);
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
      const one = badAfterRollout(settledDrive());
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
