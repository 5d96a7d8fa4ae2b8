const DAY = 86_400;

/**
 * Where alerts begin, and where panels draw their line: the same number, so that nobody is told of a value that looks
 * well. Those that a definition decides stand in it.
 */
export const THRESHOLDS = {
  /** Of the connections to Postgres that a lane may open; the rest is time to act in. */
  poolUse: 0.8,
  /** Of the memory of a Redis that may let nothing go. */
  redisMemoryUse: 0.8,
  /** Of the connections that a store accepts. */
  connectionUse: 0.8,
  /** Of the volume of Postgres: beside the rows it holds the log that a crash is mended with, and large sorts. */
  volumeUse: 0.7,
  /** Of what the provider of models admits in its window: with less than this left, the next burst is refused. */
  providerLeft: 0.1,
  /** Share of the requests for a model that its provider's limits refuse. */
  modelRefusals: 0.05,
  /** Share of a release's requests that must be as fast as `release.latency`: the 95th percentile is judged. */
  releaseFast: 0.95,
  /** Seconds that a certificate must last: they are renewed a month ahead, and at two weeks that has failed for two. */
  certificateLasts: 14 * DAY,
  /** Seconds after a drill within which the next must succeed: a month, and some days for one that was put off. */
  drilledWithin: 35 * DAY,
} as const;
