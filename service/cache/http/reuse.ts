import { MAX_SECONDS, type RequestDirectives } from './cache-control.ts';
import { currentAgeMs } from './freshness.ts';
import type { StoredResponse } from './stored-response.ts';

/** What a request wants of a kept answer; times in milliseconds. */
export type Wishes = {
  /** Whether it has credentials. */
  readonly authorized: boolean;
  readonly cookies: boolean;
  /** Validate whatever is kept. */
  readonly noCache: boolean;
  readonly maxAgeMs: number | undefined;
  readonly minFreshMs: number | undefined;
  /** How long after its end an answer will still do. */
  readonly maxStaleMs: number | undefined;
  readonly staleIfErrorMs: number | undefined;
};

/**
 * What a kept answer is good for: `fresh`: given; `stale`: given although its time is over; `refresh`: the same, and
 * the origin is asked meanwhile; `validate`: the origin decides; `none`: not for this request.
 */
export type Reuse = 'fresh' | 'stale' | 'refresh' | 'validate' | 'none';

/** What a request that asks for nothing special wants. */
export const NO_WISHES: Wishes = Object.freeze<Wishes>({
  authorized: false,
  cookies: false,
  noCache: false,
  maxAgeMs: undefined,
  minFreshMs: undefined,
  maxStaleMs: undefined,
  staleIfErrorMs: undefined,
});

/** What a request asks for in its Cache-Control. */
export function wishesOf(directives: RequestDirectives): Omit<Wishes, 'authorized' | 'cookies'> {
  return {
    noCache: directives.noCache,
    maxAgeMs: milliseconds(directives.maxAge),
    minFreshMs: milliseconds(directives.minFresh),
    maxStaleMs: milliseconds(directives.maxStale),
    staleIfErrorMs: milliseconds(directives.staleIfError),
  };
}

/**
 * What a kept answer is good for (RFC 9111, section 4; RFC 5861). It is given stale only where the origin or the client
 * allows it, never against the origin's word, and at most `staleMs` after its end.
 */
export function reuseOf(kept: StoredResponse, wishes: Wishes, now: number, staleMs: number): Reuse {
  const { meta } = kept;
  if (!isFor(kept, wishes)) return 'none';
  if (meta.validatedAlways || wishes.noCache) return 'validate';
  const left = kept.expiresAt - now;
  const tooOld = wishes.maxAgeMs !== undefined && ageMs(kept, now) > wishes.maxAgeMs;
  if (left > 0) {
    if (wishes.minFreshMs !== undefined && left < wishes.minFreshMs) return 'validate';
    // A reload (max-age=0) gets nothing new from what does not change (RFC 8246, section 2).
    return tooOld && !meta.immutable ? 'validate' : 'fresh';
  }
  if (meta.neverStale || tooOld) return 'validate';
  if (wishes.maxAgeMs === undefined && -left < Math.min(meta.whileRevalidateMs, staleMs)) return 'refresh';
  return wishes.maxStaleMs !== undefined && -left <= Math.min(wishes.maxStaleMs, staleMs) ? 'stale' : 'validate';
}

/** Whether a kept answer may stand for an origin that fails (RFC 5861, section 4), at most `staleMs` after its end. */
export function maySubstitute(kept: StoredResponse, wishes: Wishes, now: number, staleMs: number): boolean {
  const { meta, expiresAt } = kept;
  if (meta.neverStale || meta.validatedAlways || wishes.noCache || !isFor(kept, wishes)) return false;
  const allowedMs = Math.max(meta.ifErrorMs, wishes.staleIfErrorMs ?? 0);
  return now - expiresAt < Math.min(allowedMs, staleMs);
}

/** How old a kept answer is, in milliseconds. */
export function ageMs({ storedAt, meta }: StoredResponse, now: number): number {
  return currentAgeMs(meta.initialAgeMs, storedAt, now);
}

function isFor({ meta }: StoredResponse, { authorized, cookies }: Wishes): boolean {
  return !(authorized && !meta.shared) && !(cookies && meta.untimed);
}

function milliseconds(seconds: number | undefined): number | undefined {
  if (seconds === undefined) return undefined;
  return seconds >= MAX_SECONDS ? Number.POSITIVE_INFINITY : seconds * 1_000;
}
