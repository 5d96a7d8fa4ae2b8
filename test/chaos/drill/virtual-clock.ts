import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../../chaos/drill/clock.ts';

/** A clock that stands still while anything can go on, and else goes to whatever is waited for next. */
export type VirtualClock = Clock & {
  /** What a promise resolves to, with the clock going until then. */
  run<T>(promise: Promise<T>): Promise<T>;
};

type Timer = { readonly at: number; readonly ring: () => void };

/** A clock for code that has all its time from it, so that minutes pass in moments and are the same every time. */
export function createVirtualClock(start = Date.UTC(2026, 0, 2, 3, 4, 5)): VirtualClock {
  const timers = new Set<Timer>();
  let now = start;
  return {
    now: () => now,
    wait: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) {
          resolve();
          return;
        }
        const ring = (): void => {
          timers.delete(timer);
          signal?.removeEventListener('abort', ring);
          resolve();
        };
        // Whole milliseconds, as real timers have them.
        const timer = { at: now + Math.ceil(Math.max(0, milliseconds)), ring };
        timers.add(timer);
        signal?.addEventListener('abort', ring);
      }),
    async run(promise) {
      const state = { isOver: false };
      const end = (): void => void (state.isOver = true);
      void promise.then(end, end);
      for (;;) {
        await turn();
        if (state.isOver) return promise;
        const next = [...timers].reduce<Timer | undefined>((a, b) => (a && a.at <= b.at ? a : b), undefined);
        if (!next) throw new Error('everything waits, and nothing for the clock');
        now = next.at;
        next.ring();
      }
    },
  };
}
