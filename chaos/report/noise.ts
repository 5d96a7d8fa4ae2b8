/** What earlier times lead to expect of the next one, in seconds. */
export type Expectation = { readonly usual: number; readonly noise: number };

/** Runs from which a spread can be told; fewer say little of it. */
const ENOUGH = 3;

/** A time is measured by asking again and again, so that less than this means nothing. */
const FINEST_SECONDS = 1;

/** Shares of the usual time that are noise at least: where the spread is known, and where it is not. */
const [KNOWN, UNKNOWN] = [0.1, 0.25];

/** Makes a median absolute deviation a standard deviation, of which three are noise (Leys and others, 2013). */
const THREE_DEVIATIONS = 3 * 1.4826;

/**
 * The median of earlier times, and how far above it the next may be without meaning anything: what two of them reached is
 * no news, however the others lie. Undefined without any.
 */
export function expectation(earlier: readonly number[]): Expectation | undefined {
  if (earlier.length === 0) return undefined;
  const usual = median(earlier);
  if (earlier.length < ENOUGH) return { usual, noise: Math.max(FINEST_SECONDS, UNKNOWN * usual) };
  const spread = THREE_DEVIATIONS * median(earlier.map((each) => Math.abs(each - usual)));
  const [, secondHighest = usual] = [...earlier].sort((a, b) => b - a);
  return { usual, noise: Math.max(FINEST_SECONDS, KNOWN * usual, spread, secondHighest - usual) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)] ?? 0, sorted[Math.floor(sorted.length / 2)] ?? 0];
  return (low + high) / 2;
}
