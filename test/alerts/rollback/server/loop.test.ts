import { expect, test } from '@jest/globals';
import { startLoop } from '../../../../alerts/rollback/loop.ts';

type Timer = { readonly milliseconds: number; readonly call: () => void; isCancelled: boolean };

test('one turn follows the other after its own pause', async () => {
  const { turns, timers, end } = looping();
  await end(1_000);
  expect([turns(), timers.map(({ milliseconds }) => milliseconds)]).toEqual([1, [1_000]]);
  timers[0]?.call();
  await end(2_000);

  expect([turns(), timers.map(({ milliseconds }) => milliseconds)]).toEqual([2, [1_000, 2_000]]);
});

test('whoever wakes it in a pause ends the pause, and once', async () => {
  const { loop, turns, timers, end } = looping();
  await end(1_000);
  loop.wake();

  expect([turns(), timers[0]?.isCancelled]).toEqual([2, true]);
});

test('whoever wakes it in a turn lets another one follow at once, never beside it', async () => {
  const { loop, turns, timers, end } = looping();
  loop.wake();
  loop.wake();
  expect(turns()).toBe(1);
  await end(1_000);
  expect(timers.map(({ milliseconds }) => milliseconds)).toEqual([0]);
  timers[0]?.call();
  await end(1_000);

  expect(turns()).toBe(2);
  expect(timers.at(-1)?.milliseconds).toBe(1_000);
});

test('it stops when the turn under way is over, and nobody wakes it then', async () => {
  const { loop, turns, timers, end } = looping();
  let isStopped = false;
  const stopped = loop.stop().then(() => (isStopped = true));
  await new Promise((turn) => setImmediate(turn));
  expect(isStopped).toBe(false);
  await end(1_000);
  await stopped;
  loop.wake();

  expect([turns(), timers]).toEqual([1, []]);
});

function looping() {
  const timers: Timer[] = [];
  let count = 0;
  let finish = (_: number): void => undefined;
  const loop = startLoop({
    turn() {
      count++;
      return new Promise((resolve) => (finish = resolve));
    },
    after(milliseconds, call) {
      const timer = { milliseconds, call, isCancelled: false };
      timers.push(timer);
      return () => (timer.isCancelled = true);
    },
  });
  return {
    loop,
    timers,
    turns: () => count,
    /** Ends the turn under way with its pause. */
    async end(pause: number): Promise<void> {
      finish(pause);
      await new Promise((turn) => setImmediate(turn));
    },
  };
}
