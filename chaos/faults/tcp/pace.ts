/** Tells how much of what waits may pass: no more than so many bytes a second, evenly. */
export type Pace = {
  /** How many of `size` bytes may pass now; 0: none before `wait` milliseconds are over. */
  take(now: number, size: number): { readonly bytes: number; readonly wait: number };
};

// Milliseconds between two portions of a long piece: shorter than anybody notices, longer than a timer's grain.
const STEP = 20;

/** A pace from a number of bytes a second. */
export function createPace(perSecond: number): Pace {
  const portion = Math.max(1, Math.floor((perSecond * STEP) / 1000));
  let free = 0;
  return {
    take(now, size) {
      if (now < free) return { bytes: 0, wait: free - now };
      const bytes = Math.min(size, portion);
      free = Math.max(free, now - STEP) + (bytes / perSecond) * 1000;
      return { bytes, wait: 0 };
    },
  };
}
