import type { Limit } from '../definition/index.ts';

/**
 * How a limit counts.
 * - `log`: a sliding window that remembers the time of each request. Bound: never more than the limit in any window.
 * - `counter`: a sliding window of two counters, previous × what is left of it + current. Bound: at most 2 × limit − 1
 *   in any window, at most the limit in each window of the fixed grid, and so on average.
 * - `bucket`: a token bucket as GCRA. Bound: at most capacity + rate × time, in any time.
 * - `concurrency`: requests in flight at once. Bound: never more than the limit.
 * - `sum`: amounts, such as tokens of models, in a sliding window of 60 slots. Bound: never more than the limit in any
 *   window, beside what turns out to be used above its reservation.
 * - `month`: amounts in a calendar month (UTC), as of a budget. The same bound.
 * Where a schedule or a forecast moves the limit, each bound holds for the largest value inside the window.
 */
export type LimitKind = 'log' | 'counter' | 'bucket' | 'concurrency' | 'sum' | 'month';

/** How many a limit admits now, at least 1. It is read at each decision: a schedule or a forecast may move it. */
export type CurrentLimit = { readonly value: number };

/** One limit. */
export type LimitPolicy = {
  /** Unique among the limits of a service; its name in the RateLimit fields and in metrics. */
  readonly name: string;
  readonly kind: LimitKind;
  /** Requests in a window, tokens that a bucket holds, or requests in flight. */
  readonly count: CurrentLimit;
  /** Whole microseconds: the length of the window, or the time in which a bucket gains one token; 0 otherwise. */
  readonly spanUs: number;
  /** Of amounts: whole microseconds after which a reservation that nobody settled lapses, as if nothing was used. */
  readonly lapseUs?: number;
  /** Whose requests are counted together: each caller's own, or everyone's. */
  readonly scope: 'caller' | 'everyone';
  /** Who holds it instead, whoever asks: a model, say. Unlike callers' names it may hold any character. */
  readonly holder?: string;
  /** Counts, tells what it would have denied, and denies nothing. */
  readonly shadow: boolean;
  /** What becomes of the limit while the store that it is counted in does not answer. */
  readonly whenStoreDown: Limit['whenStoreDown'];
};

/** What the limits say of one request; lists are in the order of the policies. */
export type LimitVerdict = {
  /** True: every limit had room and was charged one. False: none was charged. A limit in shadow never decides. */
  readonly allowed: boolean;
  /** How many more each limit would admit now; undefined where that is not known. */
  readonly remaining: readonly (number | undefined)[];
  /**
   * Milliseconds until each limit will admit one more than that: for one that denied, the wait until what was asked for
   * has room. 0 where nothing is used, and where only the end of other requests can tell.
   */
  readonly resetMs: readonly number[];
  /** Places of the limits that denied. */
  readonly deniedBy: readonly number[];
  /** Places of the limits in shadow that would have denied. */
  readonly shadowed: readonly number[];
  /** True: denied because the store does not answer and these limits are closed then. */
  readonly unavailable: boolean;
  /** Gives back what is held while the request is in flight; to be called when it is over, later calls do nothing. */
  readonly release: (() => void) | undefined;
};

/** What the limits say of a request whose amounts are reserved first and settled when they are known. */
export type ReservationVerdict = LimitVerdict & {
  /**
   * Tells what was used of each limit of amounts, in the order of the policies, in place of what was reserved; what is
   * said of other limits is ignored. Counts once, however often it is called; nothing where the request was denied.
   */
  readonly settle: (used: readonly number[]) => void;
};

/** Counts requests. Implementations share one test suite. */
export type LimitStore = {
  /**
   * Checks every limit and charges all or none, in one step; policies have different names. A promise where the count
   * is kept elsewhere; throws or rejects where it cannot be reached.
   */
  take(caller: string, policies: readonly LimitPolicy[]): LimitVerdict | Promise<LimitVerdict>;
};

/** Counts amounts too, which are reserved before they are known. */
export type ReservingStore = LimitStore & {
  /**
   * Like `take`, with the amount that is reserved of each limit of amounts, from 1 to its count; of others one is
   * charged. What is reserved counts as used until it is settled, or lapses.
   */
  reserve(
    caller: string,
    policies: readonly LimitPolicy[],
    amounts: readonly number[],
  ): ReservationVerdict | Promise<ReservationVerdict>;
};

/** A request, with what is to be charged beside the one of each policy; absent: nothing. */
export type LimitRequest = {
  readonly caller: string;
  readonly policies: readonly LimitPolicy[];
  /** How many more to charge in advance for each policy, where there is room. */
  readonly extras?: readonly number[];
  /** How much to reserve of each limit of amounts, all or nothing; default 1. */
  readonly amounts?: readonly number[];
};

/** What a store said of a request, and how many more it charged in advance for each policy. */
export type SharedVerdict = ReservationVerdict & { readonly extras: readonly number[] };

/** A store that charges in advance, for leases. */
export type LendingStore = {
  /** Like `take` and `reserve` of a ReservingStore, and charges more in advance. Throws and rejects alike. */
  ask(request: LimitRequest): SharedVerdict | Promise<SharedVerdict>;
};

/** Whether a limit counts amounts, which are reserved and settled. */
export function countsAmounts({ kind }: Pick<LimitPolicy, 'kind'>): boolean {
  return kind === 'sum' || kind === 'month';
}

/** Settles nothing: what a verdict has where nothing was reserved. */
export const NOTHING_RESERVED = (): void => undefined;

/** Milliseconds that a denied caller must wait until all limits that denied have room; 0 where that is not known. */
export function waitMs({ deniedBy, resetMs }: LimitVerdict): number {
  let longest = 0;
  for (const place of deniedBy) longest = Math.max(longest, resetMs[place] ?? 0);
  return longest;
}

/** Whom a limit counts a caller's request for: its own holder, the caller, or everyone, who has the empty name. */
export function holderOf({ scope, holder }: LimitPolicy, caller: string): string {
  return holder ?? (scope === 'everyone' ? '' : caller);
}
