import type { LimitPolicy, LimitRequest, SharedVerdict } from '../policy.ts';
import { keyOf } from './keys.ts';

/** What the store said of one request. */
export type LimitAnswer = Omit<SharedVerdict, 'release'> & {
  /** What counts as in flight until it is given back. */
  readonly holds: readonly Hold[];
};

/** A request in flight that a limit counts: the limit's key, and the request's name there. */
export type Hold = { readonly key: string; readonly holder: string };

/** What one call of the script is about. */
export type Batch = {
  readonly id: string;
  readonly requests: readonly LimitRequest[];
  readonly renewed: readonly Hold[];
  readonly ended: readonly Hold[];
};

/** The arguments of one call of the script; see `take-limits.lua`. */
export type EncodedBatch = { readonly keys: readonly string[]; readonly text: string };

/** Puts a batch into the script's form; a limit or key that several requests share is in it once. */
export function encodeBatch({ id, requests, renewed, ended }: Batch, prefix: string, permitUs: number): EncodedBatch {
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
    const place = limits.push([policy.kind, policy.count.value, policy.spanUs, policy.shadow ? 1 : 0]);
    limitPlaces.set(policy, place);
    return place;
  };
  const asked = requests.map(({ caller, policies, extras }) =>
    policies.flatMap((policy, index) => [placeOf(keyOf(prefix, policy, caller), policy), extras?.[index] ?? 0]),
  );
  const flat = (holds: readonly Hold[]) => holds.flatMap(({ key, holder }) => [placeOf(key), holder]);
  const text = JSON.stringify({
    id,
    permit: permitUs,
    requests: asked,
    renewed: flat(renewed),
    ended: flat(ended),
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
    for (const [each, policy] of policies.entries()) {
      const left = next();
      remaining.push(Math.max(0, left));
      resetMs.push(next() / 1000);
      extras.push(next());
      if (left < 0) (policy.shadow ? shadowed : deniedBy).push(each);
      else if (allowed && policy.kind === 'concurrency') holds.push(holdOf(id, index, prefix, policy, caller));
    }
    return { allowed, remaining, resetMs, deniedBy, shadowed, unavailable: false, extras, holds };
  });
  return { timeUs, answers };
}

/** The script numbers requests from 1. */
function holdOf(id: string, place: number, prefix: string, policy: LimitPolicy, caller: string): Hold {
  return { key: keyOf(prefix, policy, caller), holder: `${id}:${place + 1}` };
}
