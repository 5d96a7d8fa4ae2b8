import {
  NOTHING_RESERVED,
  type LimitPolicy,
  type LimitVerdict,
  type ReservationVerdict,
  type ReservingStore,
} from './policy.ts';

/** What holds while the shared store does not answer. */
export type DownPolicyOptions = {
  /** Counts what each process admits by itself. */
  readonly local: ReservingStore;
  /** Processes that share the store, as far as is known; default 1. */
  readonly processes?: number;
  /** Told of each request that was decided without the shared store, and why. */
  readonly onUnchecked?: (error: unknown) => void;
};

/** The policies of a request, and what to do with each while the store is down. */
type DownPlan = {
  readonly closed: readonly number[];
  readonly places: readonly number[];
  readonly shares: readonly LimitPolicy[];
};

/**
 * A store whose limits hold even when it does not answer, each by its own policy, all in one step. `local`: this
 * process admits its share, the limit divided by the processes, at least 1; bound over all processes: the limit, or
 * one for each process where that is more. `open`: the limit does not count. `closed`: the request is denied, as
 * unavailable. A limit in shadow still never denies.
 */
export function withDownPolicy(
  shared: ReservingStore,
  { local, processes = 1, onUnchecked = () => undefined }: DownPolicyOptions,
): ReservingStore {
  const plans = new WeakMap<readonly LimitPolicy[], DownPlan>();
  const planFor = (policies: readonly LimitPolicy[]): DownPlan => {
    let plan = plans.get(policies);
    if (!plan) plans.set(policies, (plan = makePlan(policies, processes)));
    return plan;
  };
  const decide = (caller: string, policies: readonly LimitPolicy[], error: unknown) => {
    onUnchecked(error);
    const { closed, places, shares } = planFor(policies);
    if (closed.length > 0) return unavailable(policies, closed);
    const verdict = local.take(caller, shares);
    const spread = (each: LimitVerdict): LimitVerdict => spreadOut(each, places, policies.length);
    return verdict instanceof Promise ? verdict.then(spread) : spread(verdict);
  };
  const decideAmounts = (
    caller: string,
    policies: readonly LimitPolicy[],
    amounts: readonly number[],
    error: unknown,
  ): ReservationVerdict | Promise<ReservationVerdict> => {
    onUnchecked(error);
    const { closed, places, shares } = planFor(policies);
    if (closed.length > 0) return { ...unavailable(policies, closed), settle: NOTHING_RESERVED };
    // What is more than this process's share of a limit would never be admitted.
    const parts = shares.map(({ count }, index) => Math.min(amounts[places[index] ?? 0] ?? 1, count.value));
    const verdict = local.reserve(caller, shares, parts);
    const spread = (each: ReservationVerdict): ReservationVerdict => ({
      ...spreadOut(each, places, policies.length),
      settle: (used) => each.settle(places.map((place) => used[place] ?? 0)),
    });
    return verdict instanceof Promise ? verdict.then(spread) : spread(verdict);
  };
  return {
    reserve(caller, policies, amounts) {
      let verdict;
      try {
        verdict = shared.reserve(caller, policies, amounts);
      } catch (error) {
        return decideAmounts(caller, policies, amounts, error);
      }
      if (!(verdict instanceof Promise)) return verdict;
      return verdict.catch((error: unknown) => decideAmounts(caller, policies, amounts, error));
    },
    take(caller, policies) {
      let verdict;
      try {
        verdict = shared.take(caller, policies);
      } catch (error) {
        return decide(caller, policies, error);
      }
      if (!(verdict instanceof Promise)) return verdict;
      return verdict.catch((error: unknown) => decide(caller, policies, error));
    },
  };
}

function makePlan(policies: readonly LimitPolicy[], processes: number): DownPlan {
  const all = [...policies.entries()];
  const counted = all.filter(([, { whenStoreDown }]) => whenStoreDown === 'local');
  return {
    closed: all
      .filter(([, { whenStoreDown, shadow }]) => whenStoreDown === 'closed' && !shadow)
      .map(([place]) => place),
    places: counted.map(([place]) => place),
    shares: counted.map(([, policy]) => shareOf(policy, processes)),
  };
}

function shareOf(policy: LimitPolicy, processes: number): LimitPolicy {
  const { kind, count, spanUs } = policy;
  return {
    ...policy,
    // The tokens of a bucket come so much more slowly; those of a window are so many fewer.
    spanUs: kind === 'bucket' ? spanUs * processes : spanUs,
    count: {
      get value() {
        return Math.max(1, Math.floor(count.value / processes));
      },
    },
  };
}

function unavailable(policies: readonly LimitPolicy[], closed: readonly number[]): LimitVerdict {
  return {
    allowed: false,
    remaining: policies.map(() => undefined),
    resetMs: policies.map(() => 0),
    deniedBy: closed,
    shadowed: [],
    unavailable: true,
    release: undefined,
  };
}

/** Puts what was said of some limits in their places among all. */
function spreadOut(verdict: LimitVerdict, places: readonly number[], length: number): LimitVerdict {
  if (places.length === length) return verdict;
  const remaining = new Array<number | undefined>(length).fill(undefined);
  const resetMs = new Array<number>(length).fill(0);
  for (const [index, place] of places.entries()) {
    remaining[place] = verdict.remaining[index];
    resetMs[place] = verdict.resetMs[index] ?? 0;
  }
  const original = (index: number): number => places[index] ?? index;
  return {
    ...verdict,
    remaining,
    resetMs,
    deniedBy: verdict.deniedBy.map(original),
    shadowed: verdict.shadowed.map(original),
  };
}
