import { expect, test } from '@jest/globals';
import { build, settledDrive } from './drive.ts';
import { randomFrom } from './random.ts';
import { FAILS } from './traffic.ts';

test.each(Array.from({ length: 60 }, (_, seed) => seed))(
  'two guards that both believe to lead go back once (order %i)',
  (seed) => {
    const random = randomFrom(seed);
    const one = settledDrive();
    const guards = [one.guard(), one.guard()];
    one.release(build('bad'), FAILS);
    for (let second = 0; second < 200; second++) {
      one.tick();
      // One of them may sleep for long between its look and what it does.
      for (let step = 0; step < 14; step++) guards[random() < (seed % 2 === 0 ? 0.5 : 0.03) ? 0 : 1]?.next();
    }

    expect(one.restores()).toEqual(['good']);
    expect(one.outcome('bad')).toBe('restored');
    expect(one.world.ready('good')).toBe(3);
    expect(one.world.deployment.pace).toEqual({ surge: 1, minReadySeconds: 20 });
    expect(one.world.baseline).toBeUndefined();
  },
);
