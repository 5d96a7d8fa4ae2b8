import type { Hold } from './batch.ts';

/** Requests in flight that a limit in Redis counts for this process: what is to be told of them there. */
export type Holds = {
  /** A request was admitted; the function is to be called when it is over, later calls do nothing. */
  begin(holds: readonly Hold[]): () => void;
  /** All that are in flight. */
  current(): readonly Hold[];
};

/** Keeps them; `onEnd` is told of those that are over. */
export function createHolds(onEnd: (ended: readonly Hold[]) => void): Holds {
  const open = new Set<Hold>();
  return {
    begin(holds) {
      const own = [...holds];
      for (const hold of own) open.add(hold);
      return () => {
        const ended = own.splice(0);
        for (const hold of ended) open.delete(hold);
        if (ended.length > 0) onEnd(ended);
      };
    },
    current: () => [...open],
  };
}
