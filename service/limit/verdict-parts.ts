import type { Lease } from './lease.ts';
import type { LimitPolicy, LimitVerdict } from './policy.ts';

const NONE: readonly number[] = [];

/** A request of which leases answer for some limits: for each policy the lease, where a token was taken from one. */
export type PartlyLeased = {
  readonly policies: readonly LimitPolicy[];
  readonly leased: readonly (Lease | undefined)[];
};

/** What leases say of a request that took a token of each. */
export function leasedVerdict(leased: readonly (Lease | undefined)[], time: number): LimitVerdict {
  const remaining: number[] = [];
  const resetMs: number[] = [];
  for (const lease of leased) {
    remaining.push(lease ? lease.left + lease.tokens : 0);
    resetMs.push(lease ? Math.max(0, lease.moreAt - time) : 0);
  }
  return {
    allowed: true,
    remaining,
    resetMs,
    deniedBy: NONE,
    shadowed: NONE,
    unavailable: false,
    release: undefined,
  };
}

/** A verdict of some limits, each in its place among all; where it allows, leases tell of the others. */
export function inPlaces(
  { policies, leased }: PartlyLeased,
  asked: readonly LimitPolicy[],
  verdict: LimitVerdict,
  time: number,
): LimitVerdict {
  const own = policies.map((policy) => asked.indexOf(policy));
  const original = (place: number): number => own.indexOf(place);
  const remaining = own.map((place, index) => {
    const lease = verdict.allowed ? leased[index] : undefined;
    return place >= 0 ? verdict.remaining[place] : lease && lease.left + lease.tokens;
  });
  const resetMs = own.map((place, index) =>
    place >= 0 ? (verdict.resetMs[place] ?? 0) : Math.max(0, (leased[index]?.moreAt ?? time) - time),
  );
  return {
    ...verdict,
    remaining,
    resetMs,
    deniedBy: verdict.deniedBy.map(original),
    shadowed: verdict.shadowed.map(original),
  };
}

/** Verdicts that allow the parts of a request as one, in the order of the parts. */
export function joinAllowed(verdicts: readonly LimitVerdict[]): LimitVerdict {
  const [only] = verdicts;
  if (only && verdicts.length === 1) return only;
  let offset = 0;
  const shadowed: number[] = [];
  for (const verdict of verdicts) {
    shadowed.push(...verdict.shadowed.map((place) => place + offset));
    offset += verdict.remaining.length;
  }
  const releases = verdicts.flatMap(({ release }) => release ?? []);
  return {
    allowed: true,
    remaining: verdicts.flatMap(({ remaining }) => remaining),
    resetMs: verdicts.flatMap(({ resetMs }) => resetMs),
    deniedBy: NONE,
    shadowed,
    unavailable: false,
    release: releases.length === 0 ? undefined : () => releases.forEach((release) => release()),
  };
}
