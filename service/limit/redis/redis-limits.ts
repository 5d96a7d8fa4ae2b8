import type { Breaker } from '../../resilience/index.ts';
import {
  NOTHING_RESERVED,
  type LimitPolicy,
  type LimitRequest,
  type LimitVerdict,
  type ReservationVerdict,
  type SharedVerdict,
} from '../policy.ts';
import {
  decodeAnswer,
  encodeBatch,
  holdsOf,
  settlementsOf,
  type Hold,
  type LimitAnswer,
  type Reservation,
  type Settlement,
} from './batch.ts';
import { createHolds } from './holds.ts';
import { tagOf } from './keys.ts';
import { defineTakeLimits, type RedisClient } from './script.ts';

/** One call of the store, for metrics. */
export type LimitTrip = {
  /** Requests that it carried. */
  readonly requests: number;
  /** Of them, those that were admitted. */
  readonly admitted: number;
  /** When Redis decided, by its own clock in microseconds; undefined when it did not answer. */
  readonly timeUs: number | undefined;
};

/** Settings of a limit store in Redis. */
export type RedisLimitOptions = {
  /** Put before every key, so that services can share one Redis; without braces. */
  readonly prefix: string;
  /** Names a call uniquely among those of all processes. */
  readonly nextId: () => string;
  /** After so many milliseconds a call counts as failed; default 50. */
  readonly timeoutMs?: number;
  /** Whether it is a Redis Cluster: a call then carries requests of one slot alone; default false. */
  readonly cluster?: boolean;
  /** Stands in front of every call; while it is open, asking throws at once. */
  readonly breaker?: Breaker;
  /** What a failed call says of Redis to the breaker: `success` where it did answer; default `failure`. */
  readonly classify?: (error: unknown) => 'success' | 'failure';
  /** After which a request of a process that ended no longer counts as in flight, in milliseconds; default 30,000. */
  readonly holdLifetimeMs?: number;
  /** Told of each call when it is over. */
  readonly onTrip?: (trip: LimitTrip) => void;
};

/** Limits that all processes share, exactly. */
export type RedisLimits = {
  /** See ReservingStore. */
  take(caller: string, policies: readonly LimitPolicy[]): Promise<LimitVerdict>;
  reserve(caller: string, policies: readonly LimitPolicy[], amounts: readonly number[]): Promise<ReservationVerdict>;
  /** Like `take`, and charges more in advance; in a cluster the policies have to share a slot. Throws, rejects alike. */
  ask(request: LimitRequest): Promise<SharedVerdict>;
  /** Stops what it does in the background; the connection is the caller's. */
  close(): void;
};

type Waiting = {
  readonly request: LimitRequest;
  readonly resolve: (verdict: SharedVerdict) => void;
  readonly reject: (error: unknown) => void;
};
/** What goes to one slot with the next call. */
type Outgoing = {
  waiting: Waiting[];
  readonly renewed: Hold[];
  readonly ended: Hold[];
  readonly settled: Settlement[];
};

/** A call carries at most so many requests: a script holds up everybody else who asks Redis. */
const MAX_REQUESTS = 64;
/** Ends of requests that are told again after a failure, at most; beyond it they lapse. */
const MAX_RETOLD = 1_000;

/**
 * Counts in Redis, exactly. All requests of one turn of the event loop are decided in one call, checked and charged in
 * one step each. Requests in flight are renewed while they last, so that those of a process that died lapse.
 */
export function createRedisLimits(
  client: RedisClient,
  {
    prefix,
    nextId,
    timeoutMs = 50,
    cluster = false,
    breaker,
    classify = () => 'failure',
    holdLifetimeMs = 30_000,
    onTrip = () => undefined,
  }: RedisLimitOptions,
): RedisLimits {
  const run = defineTakeLimits(client);
  let outgoing = new Map<string, Outgoing>();
  let scheduled: NodeJS.Immediate | undefined;
  const slot = (tag: string): Outgoing => {
    let found = outgoing.get(tag);
    if (!found) outgoing.set(tag, (found = { waiting: [], renewed: [], ended: [], settled: [] }));
    return found;
  };
  const slotOf = ({ key }: Hold): Outgoing => slot(cluster ? (/\{(.*?)\}/.exec(key)?.[1] ?? '') : '');
  const schedule = (): void => {
    scheduled ??= setImmediate(flush);
  };
  const holds = createHolds((ended) => {
    for (const hold of ended) slotOf(hold).ended.push(hold);
    schedule();
  });
  const renewing = setInterval(() => {
    for (const hold of holds.current()) slotOf(hold).renewed.push(hold);
    if (outgoing.size > 0) schedule();
  }, holdLifetimeMs / 3).unref();

  function flush(): void {
    scheduled = undefined;
    const all = outgoing;
    outgoing = new Map();
    for (const { waiting, ...told } of all.values()) {
      call(waiting.slice(0, MAX_REQUESTS), told);
      for (let from = MAX_REQUESTS; from < waiting.length; from += MAX_REQUESTS)
        call(waiting.slice(from, from + MAX_REQUESTS), { renewed: [], ended: [], settled: [] });
    }
  }

  function call(waiting: readonly Waiting[], told: Omit<Outgoing, 'waiting'>): void {
    const requests = waiting.map(({ request }) => request);
    const batch = { id: nextId(), requests, ...told };
    const pass = breaker?.enter();
    let over = false;
    const fail = (error: unknown): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      for (const { reject } of waiting) reject(error);
      if (breaker && !pass) {
        retell(told.ended, told.settled);
        return;
      }
      pass?.[classify(error)]();
      onTrip({ requests: requests.length, admitted: 0, timeUs: undefined });
      // Redis may have counted these requests, and whoever asked will never tell that they are over.
      retell([...told.ended, ...holdsOf(batch, prefix)], [...told.settled, ...settlementsOf(batch, prefix)]);
    };
    // An answer that has arrived is in time, also where this process was too busy to look at it.
    const late = (): void => fail(new Error(`Redis did not answer in ${timeoutMs} ms`));
    const timer = setTimeout(() => setImmediate(late), timeoutMs);
    if (breaker && !pass) {
      fail(leftAlone(breaker));
      return;
    }
    const { keys, text } = encodeBatch(batch, prefix, holdLifetimeMs * 1000);
    run(keys, text)
      .then((raw) => {
        const { timeUs, answers } = decodeAnswer(batch, prefix, raw);
        if (over) return;
        over = true;
        clearTimeout(timer);
        pass?.success();
        for (const [place, answer] of answers.entries()) waiting[place]?.resolve(toVerdict(answer));
        onTrip({ requests: requests.length, admitted: answers.filter(({ allowed }) => allowed).length, timeUs });
      })
      .catch(fail);
  }

  /** With the next call, or with the next renewal. */
  function retell(ended: readonly Hold[], settled: readonly Settlement[]): void {
    for (const hold of ended) if (slotOf(hold).ended.length < MAX_RETOLD) slotOf(hold).ended.push(hold);
    for (const each of settled) if (slotOf(each).settled.length < MAX_RETOLD) slotOf(each).settled.push(each);
  }

  const toVerdict = ({ holds: begun, reservations, ...answer }: LimitAnswer): SharedVerdict => ({
    ...answer,
    release: begun.length > 0 ? holds.begin(begun) : undefined,
    settle: reservations.length > 0 ? settleOnce(reservations) : NOTHING_RESERVED,
  });
  const settleOnce = (reservations: readonly Reservation[]): SharedVerdict['settle'] => {
    const open = [...reservations];
    return (used) => {
      for (const { place, ...each } of open.splice(0))
        slotOf(each).settled.push({ ...each, used: Math.max(0, Math.round(used[place] ?? 0)) });
      schedule();
    };
  };
  const ask = (request: LimitRequest): Promise<SharedVerdict> => {
    if (breaker && breaker.retryAfterMs > 0) throw leftAlone(breaker);
    return new Promise((resolve, reject) => {
      const [first] = request.policies;
      slot(cluster && first ? tagOf(first, request.caller) : '').waiting.push({ request, resolve, reject });
      schedule();
    });
  };
  return {
    ask,
    take: (caller, policies) => ask({ caller, policies }),
    reserve: (caller, policies, amounts) => ask({ caller, policies, amounts }),
    close() {
      clearInterval(renewing);
    },
  };
}

function leftAlone({ name }: Breaker): Error {
  return new Error(`${name} is being left alone after failures`);
}
