import { describe, expect, test } from '@jest/globals';
import { badAfterRollout, build, settledDrive } from './drive.ts';
import { FAILS, GOOD } from './traffic.ts';

describe('an order', () => {
  test('that cannot be followed ends with a record where nothing was watched', () => {
    const one = settledDrive();
    one.run(60);
    one.order('good', 'gone', 3_600_000);
    one.run(3);

    expect(one.outcome('good')).toBe('refused');
    expect(one.store.state.phase).toBe('refused');
    expect(one.store.state.watch?.ending).toBe('there is no release to go back to: gone has no ReplicaSet any more');
  });

  test('of a person goes back from a release that was proven good long ago', () => {
    const one = settledDrive();
    one.release(build('next'), GOOD);
    one.until(() => one.outcome('next') === 'proven');
    one.run(3600);
    one.order('next');
    one.until(() => one.outcome('next') === 'restored');

    expect(one.restores()).toEqual(['good']);
    expect([...one.world.records.values()].at(-1)?.order?.name).toBe('ada');
  });

  test.each([
    ['right', 0],
    ['an hour ahead', 3_600_000],
    ['an hour behind', -3_600_000],
  ])('for a release that is gone is refused, and the watch goes on; with a clock that is %s', (_, skew) => {
    const one = settledDrive();
    one.release(build('bad'));
    one.run(60);
    one.order('bad', 'gone', skew);
    one.run(3);
    expect(one.outcome('bad')).toBe('refused');
    expect(one.store.state.phase).toBe('watching');
    one.traffic.manners.set('bad', FAILS);
    one.until(() => one.outcome('bad') === 'restored');
  });

  test('on what is no longer wanted changes nothing', () => {
    const one = settledDrive();
    one.release(build('next'));
    one.run(5);
    one.order('good');
    one.until(() => one.outcome('next') === 'proven');

    expect(one.restores()).toEqual([]);
  });

  test('hides no alert that comes while it waits for room, which is then looked at with patience of its own', () => {
    const one = badAfterRollout(settledDrive());
    one.traffic.isSilenced = true;
    one.world.quota = 0;
    one.order('bad');
    one.run(5);
    expect(one.store.state.phase).toBe('deciding');
    one.traffic.send('firing', 'bad', one.world.now);
    one.until(() => one.outcome('bad') === 'refused');
    one.run(15);
    expect(one.store.state.phase).toBe('deciding');
    one.world.quota = Infinity;
    one.until(() => one.outcome('bad') === 'restored');

    expect(one.restores()).toEqual(['good']);
  });

  test('hides no alert that is taken at the same look', () => {
    const one = badAfterRollout(settledDrive());
    one.traffic.isSilenced = true;
    one.order('bad', 'gone');
    one.traffic.send('firing', 'bad', one.world.now);
    one.until(() => one.outcome('bad') === 'restored');

    expect([...one.world.records.values()].map(({ outcome }) => outcome)).toEqual(['proven', 'refused', 'restored']);
  });
});
