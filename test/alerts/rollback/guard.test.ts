import { describe, expect, test } from '@jest/globals';
import { build, settledDrive } from './drive.ts';
import { FAILS, SLOW } from './traffic.ts';

describe('a release', () => {
  test('that does nothing wrong ends its window untouched and is proven good', () => {
    const one = settledDrive();
    one.release(build('next'));
    one.until(() => one.outcome('next') !== undefined);

    expect(one.outcome('next')).toBe('proven');
    expect(one.store.state.proven.map(({ hash }) => hash)).toEqual(['next', 'good']);
    expect(one.restores()).toEqual([]);
    expect(one.world.baseline).toBeUndefined();
  });

  test.each([
    ['fails', FAILS],
    ['is slow', SLOW],
  ])('that %s is gone back from, once, and the pace is put back', (_, manner) => {
    const one = settledDrive();
    one.release(build('bad'), manner);
    one.until(() => one.outcome('bad') !== undefined);
    one.run(30);

    expect(one.outcome('bad')).toBe('restored');
    expect(one.restores()).toEqual(['good']);
    expect(one.world.ready('good')).toBe(3);
    expect(one.world.deployment.pace).toEqual({ surge: 1, minReadySeconds: 20 });
    expect(one.world.quarantined.has('bad-c0ffee')).toBe(true);
    expect(one.world.baseline).toBeUndefined();
    expect(one.world.withdrawn?.of).toBe('bad');
    expect(one.world.told.map(({ outcome }) => outcome)).toEqual(['restored']);
  });
});
