import type { Exchange } from './exchange.ts';
import type { Reply } from './reply.ts';

/** What a stage makes of a request: an answer, or undefined for the next stage. A promise only where it must wait. */
export type Step = Reply | undefined | Promise<Reply | undefined>;

/** One station on a request's way. Throws a Problem to refuse it. */
export type Stage = (exchange: Exchange) => Step;

/**
 * Runs stages in order until one answers. As long as no stage waits, neither does this: an answer from memory is
 * made without a single promise.
 */
export function inOrder(stages: readonly Stage[]): Stage {
  const from = (first: number, exchange: Exchange): Step => {
    for (let index = first; index < stages.length; index++) {
      const step = stages[index]?.(exchange);
      if (step instanceof Promise) return step.then((reply) => reply ?? from(index + 1, exchange));
      if (step !== undefined) return step;
    }
    return undefined;
  };
  return (exchange) => from(0, exchange);
}
