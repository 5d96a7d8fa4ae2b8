import { describe, expect, test } from '@jest/globals';
import { badAfterRollout, build, settledDrive, withdrawn } from './drive.ts';
import { FAILS } from './traffic.ts';

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

  test('is gone back to by nobody, also when a person has allowed it again and names it', () => {
    const one = withdrawn();
    one.world.quarantined.clear();
    one.release(build('next'));
    one.run(60);
    one.order('next', 'bad');
    one.run(3);

    expect(one.outcome('next')).toBe('refused');
    expect([...one.world.records.values()].at(-1)?.ending).toMatch(/: bad was rolled back itself$/);
  });

  test('is nothing that the next one is compared with, even while it serves again', () => {
    const one = withdrawn();
    one.world.undo();
    one.until(() => one.outcome('bad') === 'refused');
    one.run(120);
    expect(one.world.ready('bad')).toBe(3);
    one.release(build('fix'));
    one.run(5);

    expect(one.store.state.watch).toMatchObject({ hash: 'fix', previous: { hash: 'good' } });
    expect(one.world.baseline?.of).toBe('good');
  });

  test('that a person has allowed again is not banned again', () => {
    const one = withdrawn();
    one.world.quarantined.clear();
    one.run(60);

    expect(one.world.quarantined.size).toBe(0);
  });
});

describe('a quota that is used up', () => {
  test('hinders nothing as long as the good release has all of its pods', () => {
    const one = settledDrive();
    one.release(build('bad'), FAILS);
    one.until(() => one.world.pods.length === 4);
    one.world.quota = 4;
    one.until(() => one.outcome('bad') === 'restored');
  });

  test('is waited for where pods are about to go', () => {
    const one = badAfterRollout(settledDrive());
    one.world.quota = 3;
    one.until(() => one.store.state.watch?.verdict?.rule === 'no-room');
    one.run(5);
    one.world.quota = 4;
    one.until(() => one.outcome('bad') === 'restored');
  });
});
