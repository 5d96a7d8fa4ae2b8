import type { ConcurrencyLimit } from './concurrency-limit.ts';

/** Bounds and pace of an adaptive limit. */
export type GradientOptions = {
  /** The least that are worked on at once, however slow the callee is. */
  readonly min: number;
  /** The most that are worked on at once. */
  readonly max: number;
  /** The limit to begin with; default the least, so that the usual time is learnt before there is a crowd. */
  readonly initial?: number;
  /** How many times its usual time a call may take before the limit shrinks; default 1.5. */
  readonly tolerance?: number;
  /** Shortest time in milliseconds between two adjustments; default 100. */
  readonly windowMs?: number;
  /** A clock in milliseconds that only goes forward; default performance.now. */
  readonly now?: () => number;
};

/** A limit that follows what it sees. */
export type GradientLimit = ConcurrencyLimit & {
  /** What a call usually takes, in milliseconds; 0 before it is known. */
  readonly usualMs: number;
};

/** Requests above what is worked on without delay that may wait at the callee: what the limit grows by. */
const QUEUE = 4;
/** Share of an adjustment that is made at once. */
const SMOOTHING = 0.2;
/**
 * Memory of the usual time in milliseconds: that of 600 windows of a second, as there, however short the windows are
 * here. The first ten windows are weighted alike.
 */
const LONG_MS = 300_000;
const FIRST_WINDOWS = 10;
/** Calls below which a window is not judged. */
const ENOUGH_CALLS = 10;
/** The usual time is forgotten faster by this much while calls take less than half of it. */
const FORGETTING = 0.95;

/**
 * Gradient2 of Netflix/concurrency-limits (core, limit/Gradient2Limit and WindowedLimit): the limit shrinks by how much
 * longer calls take now than usually, to not less than half, and grows by a few while they do not. A window is judged
 * when it is long enough and has ten calls. It differs in what was dropped: the share of drops shrinks the limit like
 * time does, and while there are drops it does not grow. A limit that is not used by half does not change, except for
 * drops. Nothing here runs on a timer: without calls it stays as it is.
 *
 * Its bound: slowness that lasts for minutes becomes what is usual, and the limit grows back; `max` is what holds then.
 */
export function gradientConcurrency({
  min,
  max,
  initial = min,
  tolerance = 1.5,
  windowMs = 100,
  now = () => performance.now(),
}: GradientOptions): GradientLimit {
  const inBounds = (limit: number): number => Math.max(Math.max(1, min), Math.min(max, limit));
  let estimate = inBounds(initial);
  let usualMs = 0;
  let windows = 0;
  let window = emptyWindow(now());

  function adjust({ calls, drops, totalMs, mostInFlight }: Window, elapsedMs: number): void {
    const answered = calls - drops;
    const slower = answered > 0 ? timeGradient(totalMs / answered, elapsedMs) : 1;
    const gradient = Math.min(slower, 1 - drops / calls);
    if (drops === 0 && mostInFlight < estimate / 2) return;
    const wanted = estimate * Math.max(0.5, Math.min(1, gradient)) + (drops > 0 ? 0 : QUEUE);
    estimate = inBounds(estimate + SMOOTHING * (wanted - estimate));
  }

  function timeGradient(meanMs: number, elapsedMs: number): number {
    windows += 1;
    usualMs += (meanMs - usualMs) * (windows <= FIRST_WINDOWS ? 1 / windows : Math.min(1, elapsedMs / LONG_MS));
    if (usualMs > 2 * meanMs) usualMs *= FORGETTING;
    return meanMs > 0 ? (tolerance * usualMs) / meanMs : 1;
  }

  return {
    get current() {
      return Math.floor(estimate);
    },
    get usualMs() {
      return usualMs;
    },
    observe(durationMs, inFlight, dropped) {
      if (!(durationMs >= 0 && durationMs < Number.POSITIVE_INFINITY)) return;
      window.calls += 1;
      window.mostInFlight = Math.max(window.mostInFlight, inFlight);
      if (dropped) window.drops += 1;
      else window.totalMs += durationMs;
      if (window.calls < ENOUGH_CALLS) return;
      const time = now();
      if (time - window.startedAt < windowMs) return;
      adjust(window, time - window.startedAt);
      window = emptyWindow(time);
    },
  };
}

type Window = { startedAt: number; calls: number; drops: number; totalMs: number; mostInFlight: number };

function emptyWindow(startedAt: number): Window {
  return { startedAt, calls: 0, drops: 0, totalMs: 0, mostInFlight: 0 };
}
