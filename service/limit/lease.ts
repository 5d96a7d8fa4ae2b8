import { BoundedMap } from '../store/bounded-map.ts';
import { holderOf, type LimitPolicy } from './policy.ts';

/** Settings of leases. */
export type LeaseOptions = {
  /** Tokens held at once of one limit and holder, at most; a tenth of the limit where that is less. */
  readonly tokens: number;
  /** After which tokens that were not used are forgotten, in milliseconds. */
  readonly lifetimeMs: number;
  /** Requests per second of one caller in this process from which a lease is taken. */
  readonly hotFrom: number;
  /** Callers whose rate and leases are known at once. */
  readonly trackedCallers: number;
};

/** Tokens of one limit and holder that were charged in the store in advance, to be used here. */
export type Lease = {
  /** Tokens in hand. */
  tokens: number;
  /** Tokens on their way: asked for, or taken by a request that still waits for another limit. */
  pending: number;
  /** Below so many tokens new ones are asked for, so that nobody waits for them; 0 where the store has few itself. */
  refillBelow: number;
  /** When the tokens lapse, by the monotonic clock in milliseconds. */
  until: number;
  /** What the store had left after the last charge, and when it will have more. */
  left: number;
  moreAt: number;
};

/** What is known of a caller, or of everyone. */
export type Holder = {
  readonly name: string;
  readonly leases: Map<string, Lease>;
  second: number;
  count: number;
  before: number;
};

/**
 * Leases of this process. It never holds or awaits more than `tokens` of one limit and holder. Bound over all
 * processes: in any window, what the limit's algorithm admits + tokens × processes, since only tokens that were charged
 * before the window began can come on top of what is charged in it.
 */
export class Leases {
  readonly #options: LeaseOptions;
  readonly #holders: BoundedMap<Holder>;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#holders = new BoundedMap<Holder>(options.trackedCallers);
  }

  /** What is known under a name: a caller's, or the empty one of everyone. */
  holder(name: string): Holder {
    let holder = this.#holders.get(name);
    if (!holder) {
      holder = { name, leases: new Map(), second: 0, count: 0, before: 0 };
      this.#holders.set(name, holder, 1);
    }
    return holder;
  }

  /** Counts a request; returns the requests of the holder in the last second, or in this one if those are more. */
  count(holder: Holder, time: number): number {
    const second = Math.floor(time / 1000);
    if (second !== holder.second) {
      holder.before = second === holder.second + 1 ? holder.count : 0;
      holder.count = 0;
      holder.second = second;
    }
    return Math.max(holder.before, ++holder.count);
  }

  /** Whether a holder with so many requests per second is asking often. */
  isHot(rate: number): boolean {
    return rate >= this.#options.hotFrom;
  }

  /** Takes a token out of a holder's lease; undefined when there is none in hand. */
  take(policy: LimitPolicy, holder: Holder, time: number): Lease | undefined {
    const lease = holder.leases.get(policy.name);
    if (lease === undefined) return undefined;
    if (lease.until <= time) lease.tokens = 0;
    if (lease.tokens === 0) return undefined;
    lease.tokens--;
    return lease;
  }

  /** Tokens that are left in hand. */
  inHand(policy: LimitPolicy, caller: string, time: number): number {
    const lease = this.#holders.get(holderOf(policy, caller))?.leases.get(policy.name);
    return lease && lease.until > time ? lease.tokens : 0;
  }

  /**
   * Holds a token that was charged for a request that still waits for another limit. The function tells whether it was
   * used; if not, the lease keeps it, one at least whatever the limit, unless more come back than it may hold. What
   * counts requests in flight has no tokens: it is released.
   */
  hold(policy: LimitPolicy, caller: string, time: number): (used: boolean) => void {
    if (policy.kind === 'concurrency') return () => undefined;
    const lease = this.#lease(policy, caller, time);
    lease.pending++;
    return (used) => {
      lease.pending--;
      if (!used && lease.tokens + lease.pending < Math.max(1, this.#most(policy))) lease.tokens++;
    };
  }

  /**
   * How many tokens to ask for beside the one that is needed, and marks them as on their way; 0 when that is of no use.
   * `mayReturn`: the one that is needed may come back (see `hold`), and needs room.
   */
  ask(policy: LimitPolicy, caller: string, rate: number, time: number, mayReturn: boolean): number {
    const wanted = Math.min(this.#most(policy), Math.ceil((rate * this.#options.lifetimeMs) / 1000));
    if (wanted < 1) return 0;
    const lease = this.#lease(policy, caller, time);
    const missing = Math.max(0, wanted - lease.tokens - lease.pending - (mayReturn ? 1 : 0));
    lease.pending += missing;
    return missing;
  }

  /** Takes in what came of asking for `asked` tokens, perhaps none; what is left is undefined where nothing came. */
  receive(
    policy: LimitPolicy,
    caller: string,
    time: number,
    { asked, granted, left, resetMs }: { asked: number; granted: number; left: number | undefined; resetMs: number },
  ): void {
    const lease = this.#holders.get(holderOf(policy, caller))?.leases.get(policy.name);
    if (!lease) return;
    if (left !== undefined) {
      lease.left = left;
      lease.moreAt = time + resetMs;
    }
    if (asked === 0) return;
    lease.pending = Math.max(0, lease.pending - asked);
    const most = this.#most(policy);
    // Near the limit's end a request that waits would find taken what is on its way to this process anyway.
    lease.refillBelow = lease.left < most ? 0 : most / 2;
    if (granted === 0) return;
    if (lease.until <= time) lease.tokens = 0;
    lease.tokens = Math.min(most, lease.tokens + granted);
    lease.until = time + this.#options.lifetimeMs;
  }

  #most(policy: LimitPolicy): number {
    return policy.kind === 'concurrency' ? 0 : Math.min(this.#options.tokens, Math.floor(policy.count.value / 10));
  }

  #lease(policy: LimitPolicy, caller: string, time: number): Lease {
    const { leases } = this.holder(holderOf(policy, caller));
    let lease = leases.get(policy.name);
    if (!lease) {
      const until = time + this.#options.lifetimeMs;
      lease = { tokens: 0, pending: 0, refillBelow: 0, until, left: 0, moreAt: time };
      leases.set(policy.name, lease);
    }
    if (lease.until <= time) {
      lease.tokens = 0;
      lease.until = time + this.#options.lifetimeMs;
    }
    return lease;
  }
}
