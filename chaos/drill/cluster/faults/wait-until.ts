import type { Clock } from '../../clock.ts';
import { ClusterError } from '../kubernetes.ts';

/** How long something is waited for, and what ends it before. */
export type WaitOptions = {
  readonly clock: Clock;
  /** What is waited for, as in "the pod is Ready". */
  readonly what: string;
  /** Milliseconds. */
  readonly within: number;
  readonly signal?: AbortSignal;
};

const LOOK_EVERY_MS = 300;

/** Looks until there is an answer. Rejects with what is missing when time is over, or when the signal is aborted. */
export async function waitUntil<T>(
  look: () => Promise<T | undefined>,
  { clock, what, within, signal }: WaitOptions,
): Promise<T> {
  const deadline = clock.now() + within;
  for (;;) {
    signal?.throwIfAborted();
    const found = await look();
    if (found !== undefined) return found;
    if (clock.now() >= deadline) throw new ClusterError('failed', `${what}: not within ${within / 1000} s`);
    await clock.wait(LOOK_EVERY_MS, signal);
  }
}
