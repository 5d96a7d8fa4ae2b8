import { DenialMemory } from './denial-memory.ts';
import { Leases, type LeaseOptions } from './lease.ts';
import type { LimitPolicy, LimitStore, LimitVerdict } from './policy.ts';
import type { RedisLimits, SharedVerdict } from './redis/redis-limits.ts';
import { inPlaces, joinAllowed, leasedVerdict, type PartlyLeased } from './verdict-parts.ts';

/** Settings of limits that processes share through Redis. */
export type SharedLimitOptions = {
  readonly redis: Pick<RedisLimits, 'ask'>;
  /** `exact`: Redis decides every request; `lease`: those of callers who ask often are decided here in advance. */
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
 * Limits shared through Redis, with as few trips as can be: none for a caller who is known to be over a limit, none
 * while leased tokens last, else one.
 *
 * In a Redis Cluster a script touches one slot, and the limit of everyone is in another than a caller's. It is charged
 * first, from a lease that grows with the load; when the caller's limits deny, its token goes back to the lease, and is
 * lost only where more come back at once than a lease holds. So the bound of a lease holds for it (see Leases), and
 * where no token is in hand a request makes two trips.
 */
export function createSharedLimits({
  redis,
  mode,
  lease,
  trackedCallers,
  timeoutMs = 50,
  cluster = false,
  now = () => performance.now(),
}: SharedLimitOptions): LimitStore {
  const denials = new DenialMemory(trackedCallers);

  function askExactly(caller: string, policies: readonly LimitPolicy[]): Promise<LimitVerdict> {
    return redis.ask({ caller, policies }).then((verdict) => {
      if (!verdict.allowed) denials.remember(caller, policies, verdict, now());
      return verdict;
    });
  }

  function takeWithLeases(leases: Leases, caller: string, policies: readonly LimitPolicy[], time: number) {
    const rate = leases.count(caller, time);
    const totalRate = policies.some(({ scope }) => scope === 'everyone') ? leases.count('', time) : 0;
    const leased = policies.map((policy) => leases.take(policy, caller, time));
    if (!leased.includes(undefined)) return leasedVerdict(leased, time);
    const rest = policies.filter((_, place) => leased[place] === undefined);
    const denial = denials.find(caller, rest, time);
    if (!denial) return askForRest(leases, rest, { caller, policies, leased, rate, totalRate, startedAt: time });
    for (const each of leased) if (each) each.tokens++;
    return inPlaces({ policies, leased }, rest, denial, time);
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
    { caller, rate, totalRate, startedAt }: Taking,
    part: readonly LimitPolicy[],
    mayReturn: boolean,
  ): Promise<LimitVerdict> {
    const hot = mode === 'lease' && leases.isHot(rate);
    const extras = part.map((policy) => {
      const everyone = policy.scope === 'everyone';
      if (!hot && !(cluster && everyone)) return 0;
      return leases.ask(policy, caller, everyone ? totalRate : rate, startedAt, mayReturn);
    });
    const settle = (verdict?: SharedVerdict): void => {
      for (const [place, policy] of part.entries())
        leases.receive(policy, caller, now(), {
          asked: extras[place] ?? 0,
          granted: verdict?.extras[place] ?? 0,
          left: verdict?.remaining[place] ?? 0,
          resetMs: verdict?.resetMs[place] ?? 0,
        });
    };
    let verdict: SharedVerdict;
    try {
      const answer = redis.ask({ caller, policies: part, extras });
      // Outside a cluster there is one part, and Redis's own time limit is the request's.
      verdict = await (cluster ? inTime(answer, startedAt + timeoutMs - now()) : answer);
    } catch (error) {
      settle();
      throw error;
    }
    settle(verdict);
    if (!verdict.allowed) denials.remember(caller, part, verdict, now());
    const inHand = part.map((policy) => leases.inHand(policy, caller, now()));
    return { ...verdict, remaining: verdict.remaining.map((left = 0, place) => left + (inHand[place] ?? 0)) };
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
  };
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
      if (over) verdict.release?.();
      else resolve(verdict);
    }, reject);
  });
}
