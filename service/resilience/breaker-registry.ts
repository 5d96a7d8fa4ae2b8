import type { BreakerRow, ManagedBreaker } from './breaker.ts';

/** The breakers of a process, for people to look at and to set. */
export type BreakerRegistry = {
  /** Adds one and returns it. Throws when there is one of that name. */
  add(breaker: ManagedBreaker): ManagedBreaker;
  /** The breaker of that name. */
  find(name: string): ManagedBreaker | undefined;
  /** All breakers as they are now, in the order of their names. */
  rows(): readonly BreakerRow[];
};

/** A list of breakers that is empty at first. */
export function createBreakerRegistry(): BreakerRegistry {
  const breakers = new Map<string, ManagedBreaker>();
  return {
    add(breaker) {
      if (breakers.has(breaker.name)) throw new Error(`There are two breakers of the name '${breaker.name}'`);
      breakers.set(breaker.name, breaker);
      return breaker;
    },
    find: (name) => breakers.get(name),
    rows: () => [...breakers.values()].map((breaker) => breaker.row()).sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
