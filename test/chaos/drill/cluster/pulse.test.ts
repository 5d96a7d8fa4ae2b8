import { expect, test } from '@jest/globals';
import { createPulse, GONE_AFTER_MS } from '../../../../chaos/drill/cluster/keeper/pulse.ts';

const runner = (beat: number, id = 'drill-1') => ({ id, by: 'a pod', beat });

test('a runner that comes while somebody looks lives at once', () => {
  const pulse = createPulse({ now: () => 0 });

  pulse.feel(undefined);
  expect(pulse.feel(runner(0))).toBe('alive');
});

test('of one that was there before nobody can tell until it gives a sign of life', () => {
  const pulse = createPulse({ now: () => 0 });

  expect(pulse.feel(runner(7))).toBe('unknown');
  expect(pulse.feel(runner(8))).toBe('alive');
});

test('one that gives no sign of life for long has gone, until it gives one', () => {
  let now = 0;
  const pulse = createPulse({ now: () => now });
  pulse.feel(undefined);
  pulse.feel(runner(0));

  now = GONE_AFTER_MS - 1;
  expect(pulse.feel(runner(0))).toBe('alive');
  now = GONE_AFTER_MS;
  expect(pulse.feel(runner(0))).toBe('gone');
  expect(pulse.feel(runner(1))).toBe('alive');
});

test('one that was there before and gives no sign of life has gone as soon as that is known', () => {
  let now = 0;
  const pulse = createPulse({ now: () => now });

  pulse.feel(runner(7));
  now = GONE_AFTER_MS;
  expect(pulse.feel(runner(7))).toBe('gone');
});

test('another runner is one that lives', () => {
  let now = 0;
  const pulse = createPulse({ now: () => now });
  pulse.feel(runner(7));
  now = GONE_AFTER_MS;

  expect(pulse.feel(runner(0, 'drill-2'))).toBe('alive');
});
