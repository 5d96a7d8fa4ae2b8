import { z } from 'zod';
import { amount, count, duration, part, ratio, word } from './fields.ts';

/** When a breaker opens, for how long, and how it closes again. */
export const breakerSchema = z.strictObject({
  /** Timeouts, refused connections or answers of 500 and above in a row that open it. */
  consecutiveFailures: count,
  /** How long it stays open; the actual time is up to a fifth longer, at random. */
  open: duration,
  /** Requests that may try at once whether it works again; as many successes close it. */
  probes: count,
  /** The share of failures in the window that opens it. */
  failureRate: ratio,
  /** From which time on a call counts as slow. */
  slowCall: duration,
  /** The share of slow calls in the window that opens it. */
  slowRate: ratio,
  /** Time that the shares are of. */
  window: duration,
  /** Calls in the window below which no share opens it. */
  minimumCalls: count,
});

/** How much of one lane is worked on at once. */
export const laneSchema = z.strictObject({
  /** Requests of a pod in this lane that are worked on at once. */
  concurrency: count,
  /**
   * The share of what the lane works on at once that requests of routes with `upstream: true` may take, also while
   * `concurrency` adapts; the rest is kept for those that need no upstream, whatever that one does.
   */
  upstream: part.default('80%'),
  /** Requests of a pod that wait for their turn; beyond it one is refused. */
  queue: amount,
  /** Which is refused when the queue is full: the one that comes, or the one that has waited longest. */
  drop: word('newest', 'oldest'),
  /** The longest a request waits for its turn. */
  maxWait: duration,
});

/** Isolation and protection of one pod. */
export const resilienceSchema = z.strictObject({
  /** Requests of a pod in flight at once that are not streams, over all lanes; beyond it 503. */
  maxInFlight: count,
  /** Streams of a pod at once; beyond it 503. */
  maxStreams: count,
  lanes: z.strictObject({ critical: laneSchema, background: laneSchema }),
  /** `fixed`: lanes keep their concurrency; `adaptive`: it follows latency (Gradient2), down to `minConcurrency`. */
  concurrency: word('fixed', 'adaptive'),
  minConcurrency: count,
  breakers: z.strictObject({
    /** In front of the upstream, one for each lane. */
    upstream: breakerSchema,
    /** In front of each model of a provider. */
    model: breakerSchema,
    /** In front of the route that pays. */
    payment: breakerSchema,
    /** In front of Redis, one for each role. */
    redis: breakerSchema,
    postgres: breakerSchema,
  }),
});

/** Settings of one breaker. */
export type BreakerSettings = z.output<typeof breakerSchema>;

/** Settings of one lane. */
export type LaneSettings = z.output<typeof laneSchema>;

/** Settings of a pod's isolation and protection. */
export type ResilienceSettings = z.output<typeof resilienceSchema>;
