import {
  countsAmounts,
  createMemoryLimits,
  NOTHING_RESERVED,
  type LendingStore,
  type LimitPolicy,
  type LimitRequest,
  type SharedVerdict,
} from '../../limit/index.ts';

/** A call of a worker's limits to those that the primary counts. */
export type LimitCall =
  /** The policies as they are at the time of the call. */
  | (LimitRequest & { readonly method: 'limits.take' })
  /** A request is over that was admitted under this number. */
  | { readonly method: 'limits.release'; readonly permit: number }
  /** What was used in the place of what was reserved under this number. */
  | { readonly method: 'limits.settle'; readonly reservation: number; readonly used: readonly number[] };

/** A verdict as it travels: numbers stand for what is to be given back, and for what is to be settled. */
export type LimitAnswer = Omit<SharedVerdict, 'release' | 'settle'> & {
  readonly permit: number | undefined;
  readonly reservation: number | undefined;
};

/** The primary's end: counts for all workers. */
export type LimitHolder = {
  answer(call: LimitCall, worker: number): LimitAnswer | undefined;
  /** A worker is gone, and with it all its requests in flight. */
  retire(worker: number): void;
};

/** Counts in this process; `trackedCallers` for each limit. */
export function createLimitHolder(trackedCallers: number): LimitHolder {
  const limits = createMemoryLimits({ trackedCallers });
  const held = new Map<number, Map<number, () => void>>();
  const reserved = new Map<number, Map<number, SharedVerdict['settle']>>();
  let permits = 0;
  let reservations = 0;
  const keep = (worker: number, settle: SharedVerdict['settle']): number => {
    let own = reserved.get(worker);
    if (!own) reserved.set(worker, (own = new Map<number, SharedVerdict['settle']>()));
    own.set(++reservations, settle);
    return reservations;
  };
  const hold = (worker: number, release: () => void): number => {
    let own = held.get(worker);
    if (!own) held.set(worker, (own = new Map<number, () => void>()));
    own.set(++permits, release);
    return permits;
  };
  return {
    answer(call, worker) {
      if (call.method === 'limits.release') {
        held.get(worker)?.get(call.permit)?.();
        held.get(worker)?.delete(call.permit);
        return undefined;
      }
      if (call.method === 'limits.settle') {
        reserved.get(worker)?.get(call.reservation)?.(call.used);
        reserved.get(worker)?.delete(call.reservation);
        return undefined;
      }
      const { release, settle, ...verdict } = limits.ask(call);
      const hasReserved = call.amounts !== undefined && verdict.allowed && call.policies.some(countsAmounts);
      return {
        ...verdict,
        permit: release && hold(worker, release),
        reservation: hasReserved ? keep(worker, settle) : undefined,
      };
    },
    retire(worker) {
      for (const release of held.get(worker)?.values() ?? []) release();
      held.delete(worker);
      // What it reserved may have been used: it lapses.
      reserved.delete(worker);
    },
  };
}

/** A worker's end. */
export type LimitLink = {
  readonly store: LendingStore;
  /** To be called with an answer that came when nobody waited for it any more: what it holds is given back. */
  receiveLate(answer: unknown): void;
};

/** Asks the primary through `call`, which rejects when it does not answer. */
export function createLimitLink(call: (request: LimitCall) => Promise<unknown>): LimitLink {
  const snapshots = new WeakMap<readonly LimitPolicy[], readonly LimitPolicy[]>();
  const snapshotOf = (policies: readonly LimitPolicy[]): readonly LimitPolicy[] => {
    const known = snapshots.get(policies);
    if (known?.every(({ count }, place) => count.value === policies[place]?.count.value)) return known;
    // A count may be a getter, which cannot travel. The same objects in all calls of a message travel once.
    const taken = policies.map((policy) => ({ ...policy, count: { value: policy.count.value } }));
    snapshots.set(policies, taken);
    return taken;
  };
  const give = (permit: number): void => {
    // A primary that does not answer has the message nevertheless, or is gone with all it counted.
    call({ method: 'limits.release', permit }).catch(() => undefined);
  };
  const settleAs = (reservation: number, used: readonly number[]): void => {
    call({ method: 'limits.settle', reservation, used }).catch(() => undefined);
  };
  return {
    store: {
      async ask(request) {
        const policies = snapshotOf(request.policies);
        const answer = (await call({ ...request, method: 'limits.take', policies })) as LimitAnswer;
        const { permit, reservation, ...verdict } = answer;
        return {
          ...verdict,
          release: permit === undefined ? undefined : once(() => give(permit)),
          settle: reservation === undefined ? NOTHING_RESERVED : once((used) => settleAs(reservation, used)),
        };
      },
    },
    receiveLate(answer) {
      const { permit, reservation } = (answer ?? {}) as Partial<LimitAnswer>;
      if (typeof permit === 'number') give(permit);
      if (typeof reservation === 'number') settleAs(reservation, []);
    },
  };
}

function once<Values extends readonly unknown[]>(action: (...values: Values) => void): (...values: Values) => void {
  let done = false;
  return (...values) => {
    if (!done) action(...values);
    done = true;
  };
}
