/**
 * A worker's share of a number that is said of a pod: rounded down, so that all workers together stay within it, but
 * at least 1, since a worker that may do nothing is of no use. With more workers than the number, their sum is above it.
 */
export function shareOf(amount: number, workers: number): number {
  return Math.max(1, Math.floor(amount / workers));
}

/** Whole places of a fraction; what binary fractions lose must not cost one. */
export function partOf(places: number, fraction: number): number {
  return Math.floor(places * fraction + 1e-9);
}

/** Of so many places at work, those that requests which call the upstream may take: at least one. */
export function callersOf(places: number, fraction: number): number {
  return Math.max(1, partOf(places, fraction));
}
