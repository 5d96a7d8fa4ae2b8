import { SLOTS } from '../memory/slots.ts';
import { countsAmounts, type LimitPolicy, type LimitRequest, type SharedVerdict } from '../policy.ts';
import { keyOf } from './keys.ts';

/** What the store said of one request. */
export type LimitAnswer = Omit<SharedVerdict, 'release' | 'settle'> & {
  /** What counts as in flight until it is given back. */
  readonly holds: readonly Hold[];
  /** What counts as used until it is settled, each with the place of its limit. */
  readonly reservations: readonly Reservation[];
};

/** A request that a limit counts in flight, or with a reservation: the limit's key, and the request's name there. */
export type Hold = { readonly key: string; readonly holder: string };

/** What was reserved of a limit of amounts, and the place of the limit in its request. */
export type Reservation = Hold & { readonly place: number; readonly policy: LimitPolicy };

/** What was used in the place of what was reserved. */
export type Settlement = Hold & { readonly policy: LimitPolicy; readonly used: number };

/** What one call of the script is about. */
export type Batch = {
  readonly id: string;
  readonly requests: readonly LimitRequest[];
  readonly renewed: readonly Hold[];
  readonly ended: readonly Hold[];
  readonly settled: readonly Settlement[];
};

/** The arguments of one call of the script; see `take-limits.lua`. */
export type EncodedBatch = { readonly keys: readonly string[]; readonly text: string };

/** Puts a batch into the script's form; a limit or key that several requests share is in it once. */
export function encodeBatch(
  { id, requests, renewed, ended, settled }: Batch,
  prefix: string,
  permitUs: number,
): EncodedBatch {
  const keys: string[] = [];
  const limits: unknown[] = [];
  const limitOfKey: number[] = [];
  const places = new Map<string, number>();
  const limitPlaces = new Map<LimitPolicy, number>();
  const placeOf = (key: string, policy?: LimitPolicy): number => {
    const known = places.get(key);
    if (known !== undefined) return known;
    limitOfKey.push(policy ? limitPlaceOf(policy) : 0);
    const place = keys.push(key);
    places.set(key, place);
    return place;
  };
  const limitPlaceOf = (policy: LimitPolicy): number => {
    const known = limitPlaces.get(policy);
    if (known !== undefined) return known;
    const { kind, count, spanUs, shadow, lapseUs } = policy;
    const amounts = countsAmounts(policy) ? [SLOTS, lapseUs ?? 0] : [];
    const place = limits.push([kind, count.value, spanUs, shadow ? 1 : 0, ...amounts]);
    limitPlaces.set(policy, place);
    return place;
  };
  const asked = requests.map(({ caller, policies, extras, amounts }) =>
    policies.flatMap((policy, index) => [
      placeOf(keyOf(prefix, policy, caller), policy),
      countsAmounts(policy) ? (amounts?.[index] ?? 1) : (extras?.[index] ?? 0),
    ]),
  );
  const flat = (holds: readonly Hold[]) => holds.flatMap(({ key, holder }) => [placeOf(key), holder]);
  const text = JSON.stringify({
    id,
    permit: permitUs,
    requests: asked,
    renewed: flat(renewed),
    ended: flat(ended),
    settled: settled.flatMap(({ key, policy, holder, used }) => [placeOf(key, policy), holder, used]),
    limits,
    keys: limitOfKey,
  });
  return { keys, text };
}

/** All that a batch may have begun to count as in flight. */
export function holdsOf({ id, requests }: Batch, prefix: string): readonly Hold[] {
  return requests.flatMap(({ caller, policies }, place) =>
    policies.flatMap((policy) => (policy.kind === 'concurrency' ? holdOf(id, place, prefix, policy, caller) : [])),
  );
}

/** What ends all reservations that a batch may have made: nothing was used. */
export function settlementsOf({ id, requests }: Batch, prefix: string): readonly Settlement[] {
  return requests.flatMap(({ caller, policies }, place) =>
    policies.filter(countsAmounts).map((policy) => ({ ...holdOf(id, place, prefix, policy, caller), policy, used: 0 })),
  );
}

/** Reads the script's answer. Throws a RangeError when it is not of the batch's form. */
export function decodeAnswer(
  { id, requests }: Batch,
  prefix: string,
  answer: readonly number[],
): { readonly timeUs: number; readonly answers: readonly LimitAnswer[] } {
  let place = 0;
  const next = (): number => {
    const number = answer[place++];
    if (number === undefined) throw new RangeError('The script of the limits answered too little');
    return number;
  };
  const timeUs = next() * 1_000_000 + next();
  const answers = requests.map(({ caller, policies }, index): LimitAnswer => {
    const allowed = next() === 1;
    const remaining: number[] = [];
    const resetMs: number[] = [];
    const extras: number[] = [];
    const deniedBy: number[] = [];
    const shadowed: number[] = [];
    const holds: Hold[] = [];
    const reservations: Reservation[] = [];
    for (const [each, policy] of policies.entries()) {
      const left = next();
      resetMs.push(next() / 1000);
      const extra = next();
      const isFull = left < 0;
      if (countsAmounts(policy)) {
        // What is left of a full limit is told below zero, less one.
        remaining.push(isFull ? -left - 1 : left);
        extras.push(0);
        if (allowed && !isFull)
          reservations.push({ place: each, policy, ...holdOf(id, index, prefix, policy, caller) });
      } else {
        remaining.push(Math.max(0, left));
        extras.push(extra);
      }
      if (isFull) (policy.shadow ? shadowed : deniedBy).push(each);
      else if (allowed && policy.kind === 'concurrency') holds.push(holdOf(id, index, prefix, policy, caller));
    }
    return { allowed, remaining, resetMs, deniedBy, shadowed, unavailable: false, extras, holds, reservations };
  });
  return { timeUs, answers };
}

/** The script numbers requests from 1. */
function holdOf(id: string, place: number, prefix: string, policy: LimitPolicy, caller: string): Hold {
  return { key: keyOf(prefix, policy, caller), holder: `${id}:${place + 1}` };
}
