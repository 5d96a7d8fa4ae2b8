import { DenialMemory } from './denial-memory.ts';
import { Leases, type Holder, type Lease, type LeaseOptions } from './lease.ts';
import {
  countsAmounts,
  holderOf,
  NOTHING_RESERVED,
  type LendingStore,
  type LimitPolicy,
  type LimitVerdict,
  type ReservationVerdict,
  type ReservingStore,
  type SharedVerdict,
} from './policy.ts';
import { inPlaces, joinAllowed, leasedVerdict, type PartlyLeased } from './verdict-parts.ts';

/** Settings of limits that processes share. */
export type SharedLimitOptions = {
  /** Where all of them count. */
  readonly store: LendingStore;
  /** `exact`: the store decides every request; `lease`: those of callers who ask often are decided here in advance. */
  readonly mode: 'exact' | 'lease';
  readonly lease: Omit<LeaseOptions, 'trackedCallers'>;
  /** Callers of whom denials and leases are remembered, for each limit. */
  readonly trackedCallers: number;
  /** The longest a request waits, in milliseconds; default 50. */
  readonly timeoutMs?: number;
  /** Whether it is a Redis Cluster: the limit of everyone is then leased in both modes; default false. */
  readonly cluster?: boolean;
  /** Monotonic clock in milliseconds; default performance.now. */
  readonly now?: () => number;
};

/** One request on its way. */
type Taking = PartlyLeased & {
  readonly caller: string;
  /** Requests per second of the caller in this process, and of everyone. */
  readonly rate: number;
  readonly totalRate: number;
  readonly startedAt: number;
};

/**
 * Limits that processes share through a store, with as few trips as can be: none for a caller who is known to be over a
 * limit, none while leased tokens last, else one. A lease is filled up when half of it is used, so that under load no
 * request waits for tokens.
 *
 * In a Redis Cluster a script touches one slot, and the limit of everyone is in another than a caller's. It is charged
 * first, from a lease that grows with the load; when the caller's limits deny, its token goes back to the lease, and is
 * lost only where more come back at once than a lease holds. So the bound of a lease holds for it (see Leases), and
 * where no token is in hand a request makes two trips.
 *
 * Amounts are reserved exactly in both modes: a denial of many says nothing of few. In a cluster what a part of the
 * request reserved is given back when the other part denies.
 */
export function createSharedLimits({
  store,
  mode,
  lease,
  trackedCallers,
  timeoutMs = 50,
  cluster = false,
  now = () => performance.now(),
}: SharedLimitOptions): ReservingStore {
  const denials = new DenialMemory(trackedCallers);

  function askExactly(caller: string, policies: readonly LimitPolicy[]): LimitVerdict | Promise<LimitVerdict> {
    const learn = (verdict: LimitVerdict): LimitVerdict => {
      if (!verdict.allowed) denials.remember(caller, policies, verdict, now());
      return verdict;
    };
    const answer = store.ask({ caller, policies });
    return answer instanceof Promise ? answer.then(learn) : learn(answer);
  }

  function takeWithLeases(leases: Leases, caller: string, policies: readonly LimitPolicy[], time: number) {
    const own = leases.holder(caller);
    const rate = leases.count(own, time);
    let everyone: Holder | undefined;
    let totalRate = 0;
    const leased: (Lease | undefined)[] = [];
    let isWhole = true;
    let someLow = false;
    for (const policy of policies) {
      if (policy.scope === 'everyone' && !everyone) {
        everyone = leases.holder('');
        totalRate = leases.count(everyone, time);
      }
      const lease = leases.take(policy, policy.scope === 'everyone' && everyone ? everyone : own, time);
      leased.push(lease);
      if (!lease) isWhole = false;
      else if (isLow(lease)) someLow = true;
    }
    const taking = { caller, policies, leased, rate, totalRate, startedAt: time };
    if (isWhole) {
      if (someLow) refill(leases, taking);
      return leasedVerdict(leased, time);
    }
    const rest = policies.filter((_, place) => leased[place] === undefined);
    const denial = denials.find(caller, rest, time);
    if (!denial) return askForRest(leases, rest, taking);
    for (const each of leased) if (each) each.tokens++;
    return inPlaces({ policies, leased }, rest, denial, time);
  }

  /** Asks for tokens in the place of used ones; nobody waits for them. */
  function refill(leases: Leases, taking: Taking): void {
    const { caller, policies, leased } = taking;
    for (const part of partsOf(policies.filter((_, place) => isLow(leased[place])))) {
      const missing = part
        .map((policy) => ({ policy, asked: wantedOf(leases, policy, taking, false) }))
        .filter(({ asked }) => asked > 0);
      if (missing.length === 0) continue;
      const settle = (verdict?: SharedVerdict): void => {
        for (const [place, { policy, asked }] of missing.entries()) {
          // What stands for a request in the store is a token too.
          const isCharged = verdict?.allowed && !verdict.shadowed.includes(place);
          const granted = isCharged ? 1 + (verdict.extras[place] ?? 0) : 0;
          leases.receive(policy, caller, now(), answerOf(verdict, place, asked, granted));
        }
      };
      try {
        const answer = store.ask({
          caller,
          policies: missing.map(({ policy }) => policy),
          extras: missing.map(({ asked }) => asked - 1),
        });
        // A store that fails is the next request's to notice, once the tokens are used.
        Promise.resolve(answer).then(settle, () => settle());
      } catch {
        settle();
      }
    }
  }

  /** How many tokens to ask for beside the one that is needed. */
  function wantedOf(
    leases: Leases,
    policy: LimitPolicy,
    { caller, rate, totalRate, startedAt }: Taking,
    mayReturn: boolean,
  ): number {
    const everyone = policy.scope === 'everyone';
    if (!(mode === 'lease' && leases.isHot(rate)) && !(cluster && everyone)) return 0;
    return leases.ask(policy, caller, everyone ? totalRate : rate, startedAt, mayReturn);
  }

  /** Asks for what no lease gave, one slot after the other; what was taken goes back if one denies or fails. */
  async function askForRest(leases: Leases, rest: readonly LimitPolicy[], taking: Taking): Promise<LimitVerdict> {
    for (const each of taking.leased) if (each) each.pending++;
    const parts = partsOf(rest);
    const passed: LimitVerdict[] = [];
    const held: ((used: boolean) => void)[] = [];
    let allowed = false;
    try {
      for (const part of parts) {
        const isLast = part === parts.at(-1);
        const verdict = await askPart(leases, taking, part, !isLast);
        if (!verdict.allowed) return inPlaces(taking, part, verdict, now());
        passed.push(verdict);
        if (!isLast) held.push(...part.map((policy) => leases.hold(policy, taking.caller, now())));
      }
      allowed = true;
      return inPlaces(taking, parts.flat(), joinAllowed(passed), now());
    } finally {
      for (const each of taking.leased) {
        if (!each) continue;
        each.pending--;
        if (!allowed) each.tokens++;
      }
      for (const settle of held) settle(allowed);
      if (!allowed) for (const { release } of passed) release?.();
    }
  }

  async function askPart(
    leases: Leases,
    taking: Taking,
    part: readonly LimitPolicy[],
    mayReturn: boolean,
  ): Promise<LimitVerdict> {
    const { caller, startedAt } = taking;
    const extras = part.map((policy) => wantedOf(leases, policy, taking, mayReturn));
    const settle = (verdict?: SharedVerdict): void => {
      for (const [place, policy] of part.entries()) {
        const granted = verdict?.extras[place] ?? 0;
        leases.receive(policy, caller, now(), answerOf(verdict, place, extras[place] ?? 0, granted));
      }
    };
    let verdict: SharedVerdict;
    try {
      const answer = store.ask({ caller, policies: part, extras });
      // Outside a cluster there is one part, and the store's own time limit is the request's.
      verdict = await (cluster && answer instanceof Promise ? inTime(answer, startedAt + timeoutMs - now()) : answer);
    } catch (error) {
      settle();
      throw error;
    }
    settle(verdict);
    if (!verdict.allowed) denials.remember(caller, part, verdict, now());
    const inHand = part.map((policy) => leases.inHand(policy, caller, now()));
    return { ...verdict, remaining: verdict.remaining.map((left = 0, place) => left + (inHand[place] ?? 0)) };
  }

  async function reserveInParts(
    caller: string,
    policies: readonly LimitPolicy[],
    amounts: readonly number[],
  ): Promise<ReservationVerdict> {
    const startedAt = now();
    const passed: ReservationVerdict[] = [];
    const places: number[][] = [];
    let allowed = false;
    try {
      // What one holder has is in one slot.
      const parts = [...Map.groupBy(policies, (policy) => holderOf(policy, caller)).values()];
      // Amounts alone can be given back whole when the other part denies.
      const inOrder = parts.toSorted((a, b) => Number(b.every(countsAmounts)) - Number(a.every(countsAmounts)));
      for (const part of inOrder) {
        const own = part.map((policy) => policies.indexOf(policy));
        const answer = store.ask({ caller, policies: part, amounts: own.map((place) => amounts[place] ?? 1) });
        const verdict = await (answer instanceof Promise ? inTime(answer, startedAt + timeoutMs - now()) : answer);
        if (!verdict.allowed)
          return { ...inPlaces({ policies, leased: [] }, part, verdict, now()), settle: NOTHING_RESERVED };
        passed.push(verdict);
        places.push(own);
      }
      allowed = true;
    } finally {
      if (!allowed) for (const verdict of passed) giveBack(verdict);
    }
    const order = places
      .flat()
      .map((place) => policies[place])
      .filter((policy) => policy !== undefined);
    return {
      ...inPlaces({ policies, leased: [] }, order, joinAllowed(passed), now()),
      settle(used) {
        for (const [part, verdict] of passed.entries())
          verdict.settle((places[part] ?? []).map((place) => used[place] ?? 0));
      },
    };
  }

  function partsOf(policies: readonly LimitPolicy[]): readonly (readonly LimitPolicy[])[] {
    if (!cluster) return [policies];
    const parts = [
      policies.filter(({ scope }) => scope === 'everyone'),
      policies.filter(({ scope }) => scope === 'caller'),
    ];
    return parts.filter(({ length }) => length > 0);
  }

  const leases = mode === 'lease' || cluster ? new Leases({ ...lease, trackedCallers }) : undefined;
  return {
    take(caller, policies) {
      const time = now();
      if (leases) return takeWithLeases(leases, caller, policies, time);
      return denials.find(caller, policies, time) ?? askExactly(caller, policies);
    },
    reserve(caller, policies, amounts) {
      return cluster ? reserveInParts(caller, policies, amounts) : store.ask({ caller, policies, amounts });
    },
  };
}

/** What was taken for a request that is not made after all. */
function giveBack({ release, settle }: ReservationVerdict): void {
  release?.();
  settle([]);
}

function isLow(lease: Lease | undefined): boolean {
  return lease !== undefined && lease.tokens + lease.pending < lease.refillBelow;
}

/** What a store's answer, or its failure, means for a lease. */
function answerOf(verdict: SharedVerdict | undefined, place: number, asked: number, granted: number) {
  return { asked, granted, left: verdict?.remaining[place], resetMs: verdict?.resetMs[place] ?? 0 };
}

/** Rejects when the time is over, since the parts of a request share its time; what comes later is given back. */
function inTime(answer: Promise<SharedVerdict>, timeMs: number): Promise<SharedVerdict> {
  return new Promise((resolve, reject) => {
    let over = false;
    const timer = setTimeout(() => {
      over = true;
      reject(new Error('The limits were not decided in time'));
    }, timeMs);
    answer.then((verdict) => {
      clearTimeout(timer);
      if (over) giveBack(verdict);
      else resolve(verdict);
    }, reject);
  });
}
