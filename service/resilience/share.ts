/**
 * A worker's share of a number that is said of a pod: rounded down, so that all workers together stay within it, but
 * at least 1, since a worker that may do nothing is of no use. With more workers than the number, their sum is above it.
 */
export function shareOf(amount: number, workers: number): number {
  return Math.max(1, Math.floor(amount / workers));
}
