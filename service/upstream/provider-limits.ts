/** What the provider admits in each minute; it tells how much is left and refuses nobody. */
const LIMITS = { requests: 30_000, tokens: 10_000_000 } as const;

const WINDOW_MS = 60_000;

/** Headers of an answer that took so many tokens: what is admitted, what is left, and when all of it is there again. */
export function createProviderLimits(now: () => number): (tokens: number) => Readonly<Record<string, string>> {
  let window = -1;
  const used = { requests: 0, tokens: 0 };
  return (tokens) => {
    const time = now();
    const current = Math.floor(time / WINDOW_MS);
    if (current !== window) Object.assign(used, { requests: 0, tokens: 0 });
    window = current;
    used.requests++;
    used.tokens += tokens;
    const reset = `${Math.ceil(((current + 1) * WINDOW_MS - time) / 1000)}s`;
    return Object.fromEntries(
      (['requests', 'tokens'] as const).flatMap((resource) => [
        [`x-ratelimit-limit-${resource}`, String(LIMITS[resource])],
        [`x-ratelimit-remaining-${resource}`, String(Math.max(0, LIMITS[resource] - used[resource]))],
        [`x-ratelimit-reset-${resource}`, reset],
      ]),
    );
  };
}
