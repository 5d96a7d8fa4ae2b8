import { Problem } from '../gateway/problem.ts';

/** How much work there may be. */
export type WorkQueueOptions = {
  /** Pieces of work that run at once. */
  readonly atOnce: number;
  /** Pieces that may wait for their turn; one more is refused. */
  readonly waiting: number;
  /** What who is refused is told to wait, in whole seconds. */
  readonly retryAfterSeconds: number;
};

/**
 * Runs a piece of work when its turn comes, first come first served. Rejects with the Problem `overloaded` when too
 * many wait, with the signal's reason when that aborts before the turn: nobody is left to be answered.
 */
export type WorkQueue = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

/** A bounded queue for work that costs much. */
export function createWorkQueue({ atOnce, waiting, retryAfterSeconds }: WorkQueueOptions): WorkQueue {
  const turns: (() => void)[] = [];
  let running = 0;
  return async (work, signal) => {
    if (running >= atOnce && turns.length >= waiting) {
      throw new Problem('overloaded', { headers: ['retry-after', String(retryAfterSeconds)] });
    }
    if (running >= atOnce) await new Promise<void>((turn) => turns.push(turn));
    else running++;
    try {
      signal?.throwIfAborted();
      return await work();
    } finally {
      // The place goes straight to the next, so that nobody who comes now is faster.
      const next = turns.shift();
      if (next) next();
      else running--;
    }
  };
}
