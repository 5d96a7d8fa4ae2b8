import { describe, expect, test } from '@jest/globals';
import { badAfterRollout, build, drive, settledDrive } from './drive.ts';
import { FAILS } from './traffic.ts';

describe('an alert', () => {
  test('that comes twice, or again later, is taken once', () => {
    const one = settledDrive();
    one.release(build('next'));
    one.run(60);
    const startsAt = one.world.now;

    expect(one.traffic.send('firing', 'next', startsAt)).toBe('added');
    expect(one.traffic.send('firing', 'next', startsAt)).toBe('duplicate');
    one.run(1);
    expect(one.traffic.send('firing', 'next', startsAt)).toBe('duplicate');
  });

  test('is left to people when no ReplicaSet is made of what the Deployment wants, which is watched once one is', () => {
    const one = badAfterRollout(settledDrive());
    one.until(() => one.store.state.phase === 'deciding');
    one.world.deployment.paused = true;
    one.world.deploy(build('fix'));
    one.run(35);
    expect(one.store.state.phase).toBe('deciding');
    one.until(() => one.outcome('bad') !== undefined, 10);
    expect(one.store.state.watch).toMatchObject({
      outcome: 'inconclusive',
      ending: expect.stringMatching(
        /^after 4\d s the Deployment wants a template of which there is no ReplicaSet: it is paused/,
      ),
    });
    expect(one.world.told.map(({ outcome }) => outcome)).toEqual(['inconclusive']);
    one.world.deployment.paused = false;
    one.until(() => one.outcome('fix') === 'proven');

    expect(one.restores()).toEqual([]);
  });

  test('that the figures do not confirm is dismissed when patience ends, and does not hide a later one', () => {
    const one = settledDrive();
    one.release(build('next'));
    one.run(60);
    one.traffic.send('firing', 'next', one.world.now);
    one.run(15);
    expect(one.store.state.phase).toBe('deciding');
    one.run(10);
    expect(one.store.state.phase).toBe('watching');
    one.traffic.manners.set('next', FAILS);
    one.until(() => one.outcome('next') === 'restored');
  });

  test('that stays on after its dismissal is looked at anew when it is sent again', () => {
    const one = settledDrive();
    one.traffic.isSilenced = true;
    one.release(build('bad'));
    one.run(60);
    const startsAt = one.world.now;
    one.traffic.send('firing', 'bad', startsAt);
    one.run(25);
    expect(one.store.state.phase).toBe('watching');
    one.traffic.manners.set('bad', FAILS);
    one.traffic.send('firing', 'bad', startsAt);
    one.until(() => one.outcome('bad') === 'restored');
  });

  test('that comes and goes does not start anew what is waited for', () => {
    const one = settledDrive();
    one.traffic.rate = 1;
    one.traffic.probes = 1;
    one.release(build('next'), FAILS);
    one.run(60);
    for (let second = 0; second < 22; second++) {
      one.traffic.send(second % 2 === 0 ? 'firing' : 'resolved', 'next', one.world.now - (second % 2) * 1000);
      one.run(1);
    }

    expect(one.outcome('next')).toBe('inconclusive');
  });

  test('that is over is dismissed as soon as the figures agree, and not before', () => {
    const one = settledDrive();
    one.traffic.isSilenced = true;
    one.release(build('next'));
    one.run(60);
    const startsAt = one.world.now;
    one.traffic.send('firing', 'next', startsAt);
    one.run(2);
    one.traffic.send('resolved', 'next', startsAt);
    one.run(2);
    expect(one.store.state.phase).toBe('watching');

    one.traffic.manners.set('next', FAILS);
    one.traffic.send('firing', 'next', startsAt + 1);
    one.traffic.send('resolved', 'next', startsAt + 1);
    one.until(() => one.outcome('next') === 'restored');
  });

  test('whose end comes before its start is looked at all the same', () => {
    const one = settledDrive();
    one.traffic.isSilenced = true;
    one.release(build('bad'), FAILS);
    one.run(60);
    const startsAt = one.world.now;
    one.traffic.send('resolved', 'bad', startsAt);
    one.run(1);
    expect(one.store.state.phase).toBe('watching');
    one.traffic.send('firing', 'bad', startsAt);
    one.until(() => one.outcome('bad') === 'restored');
  });

  test('on another release than the watched one changes nothing', () => {
    const one = settledDrive();
    one.release(build('next'));
    one.run(60);
    one.traffic.send('firing', 'good', one.world.now);
    one.traffic.send('firing', 'never-there', one.world.now);
    one.until(() => one.outcome('next') === 'proven');

    expect(one.restores()).toEqual([]);
    expect(one.store.inbox.events).toEqual([]);
  });

  test('that comes long after the window is left to people', () => {
    const one = settledDrive();
    one.run(300);
    one.traffic.manners.set('good', FAILS);
    one.traffic.send('firing', 'good', one.world.now);
    one.run(3);

    expect(one.outcome('good')).toBe('refused');
    expect(one.store.state.watch?.verdict?.rule).toBe('window-over');
    expect(one.store.state.proven.map(({ hash }) => hash)).toEqual(['good']);
  });

  test('about the very end of the window still counts', () => {
    const one = settledDrive();
    one.traffic.isSilenced = true;
    one.release(build('bad'));
    one.until(() => (one.store.state.watch?.firstReadyAt ?? Infinity) + 285_000 <= one.world.now);
    one.traffic.manners.set('bad', FAILS);
    one.until(() => one.outcome('bad') === 'proven');
    one.traffic.send('firing', 'bad', one.world.now);
    one.until(() => one.outcome('bad') !== 'proven');

    expect(one.outcome('bad')).toBe('restored');
    expect(one.store.state.proven.map(({ hash }) => hash)).toEqual(['good']);
  });

  test.each([
    ['ahead', 3_600_000],
    ['behind', -3_600_000],
  ])('is judged by the clock of the guard, also when that of Prometheus is an hour %s', (_, skew) => {
    const one = settledDrive();
    one.traffic.skew = skew;
    one.release(build('bad'), FAILS);
    one.until(() => one.outcome('bad') === 'restored');
    const { detection = Infinity } = [...one.world.records.values()].at(-1)?.timings ?? {};

    expect(detection).toBeGreaterThanOrEqual(0);
    expect(detection).toBeLessThanOrEqual(60_000);
  });
});

describe('a watch', () => {
  test('of what an old gateway has run for long ends like any other, and compares it with nothing', () => {
    const one = drive();
    one.run(2);
    expect(one.store.state).toMatchObject({ phase: 'watching', watch: { hash: 'good' } });
    expect(one.store.state.watch?.previous).toBeUndefined();
    one.until(() => one.outcome('good') === 'proven', 310);
    expect(one.acts.map(({ act }) => act.kind)).toEqual(['record']);
  });

  test('begins when the ReplicaSet is there, not before', () => {
    const one = settledDrive();
    one.release(build('next'));
    expect(one.world.facts().gateway?.hash).toBeUndefined();
    const before = one.store.state;
    one.round(one.guard());
    expect(one.store.state).toBe(before);
    one.run(1);
    expect(one.store.state.watch?.hash).toBe('next');
  });

  test('does not judge anew what was proven good, when a person goes back to it', () => {
    const one = settledDrive();
    one.release(build('next'));
    one.run(60);
    one.world.undo();
    one.run(120);

    expect(one.outcome('next')).toBe('superseded');
    expect(one.store.state).toMatchObject({ phase: 'idle', current: 'good' });
    expect(one.world.baseline).toBeUndefined();
  });

  test('of a release that never gets Ready waits, and keeps no other pod for it for ever', () => {
    const one = settledDrive();
    one.release(build('stuck', '1.0.0', { neverReady: true }));
    one.run(30);
    expect(one.world.baseline?.of).toBe('good');
    one.run(1000);
    expect(one.world.baseline).toBeUndefined();
    expect(one.store.state.phase).toBe('watching');
  });

  test('of a rollout that does not end proves nothing', () => {
    const one = settledDrive();
    one.release(build('next'));
    one.until(() => one.world.ready('next') === 1);
    one.world.quota = one.world.pods.length;
    one.world.deployment.pace = { surge: 1, minReadySeconds: 5000 };
    one.until(() => one.outcome('next') !== undefined);

    expect(one.outcome('next')).toBe('inconclusive');
    expect(one.store.state.proven.map(({ hash }) => hash)).toEqual(['good']);
  });

  test('during which nobody could have told of trouble proves nothing', () => {
    const one = settledDrive();
    one.release(build('next'));
    one.traffic.answers = false;
    one.until(() => one.outcome('next') !== undefined);

    expect(one.store.state.watch?.ending).toMatch(/^after 600 s Prometheus gives no sign of life$/);
  });
});
