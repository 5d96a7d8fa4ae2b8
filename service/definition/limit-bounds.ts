import type { Limit } from './limits-schema.ts';
import { parseRate, toMilliseconds, toPerSecond } from './units.ts';

/** What a limit admits, by what it promises: so many in any window, or a bucket's content and refill. */
export type Bound =
  | { readonly kind: 'window'; readonly count: number; readonly milliseconds: number }
  | { readonly kind: 'bucket'; readonly capacity: number; readonly perSecond: number };

/** The most that a limit ever admits: a schedule and a forecast that is in force may widen it. */
export function widest(limit: Limit): Bound {
  return boundOf(limit, Math.max);
}

/** The least that a limit ever admits. */
export function narrowest(limit: Limit): Bound {
  return boundOf(limit, Math.min);
}

/** Requests that a bound admits at most in any so many milliseconds. */
export function most(bound: Bound, milliseconds: number): number {
  return bound.kind === 'bucket'
    ? bound.capacity + Math.floor((bound.perSecond * milliseconds) / 1000)
    : bound.count * Math.ceil(milliseconds / bound.milliseconds);
}

/** Requests that a bound admits at once. */
export function burst(bound: Bound): number {
  return bound.kind === 'bucket' ? bound.capacity : bound.count;
}

/** Requests per second that a bound admits in the long run. */
export function sustained(bound: Bound): number {
  return bound.kind === 'bucket' ? bound.perSecond : (bound.count * 1000) / bound.milliseconds;
}

/** Whether the outer bound admits everything that the inner one does, and so never denies what passes the inner. */
export function holds(outer: Bound, inner: Bound): boolean {
  return outer.kind === 'window'
    ? most(inner, outer.milliseconds) <= outer.count
    : burst(inner) <= outer.capacity && sustained(inner) <= outer.perSecond;
}

function boundOf({ window, bucket, schedule, adaptive }: Limit, pick: (...counts: number[]) => number): Bound {
  if (bucket) return { kind: 'bucket', capacity: bucket.capacity, perSecond: toPerSecond(bucket.refill) };
  // The definition is validated: what has no bucket has a window, and every rate of it has that length.
  const declared = parseRate(window ?? '1/s');
  const moved = adaptive && !adaptive.shadow ? [adaptive.min, adaptive.max] : [];
  const counts = [...schedule.map((row) => row.window), ...moved].map((rate) => parseRate(rate).limit);
  return {
    kind: 'window',
    count: pick(declared.limit, ...counts),
    milliseconds: toMilliseconds(declared.window),
  };
}
