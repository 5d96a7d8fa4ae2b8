/** Tells when what arrives now may pass, in milliseconds of the clock that it is asked with; the order is the flow's. */
export type Delay = (now: number) => number;

/**
 * A delay of `latency` milliseconds, give or take `jitter`, for one direction: each of the two has half of it.
 * `random` gives numbers from 0 to 1.
 */
export function createDelay(latency: number, jitter: number, random: () => number): Delay {
  return (now) => now + Math.max(0, latency + jitter * (2 * random() - 1)) / 2;
}
