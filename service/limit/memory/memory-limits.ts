import { BoundedMap } from '../../store/bounded-map.ts';
import {
  holderOf,
  NOTHING_RESERVED,
  type LimitKind,
  type LimitPolicy,
  type LimitRequest,
  type LimitVerdict,
  type ReservationVerdict,
  type SharedVerdict,
} from '../policy.ts';
import { Amounts } from './amounts.ts';
import type { LimitCell } from './cell.ts';
import { InFlight } from './in-flight.ts';
import { SlidingCounter } from './sliding-counter.ts';
import { SlidingLog } from './sliding-log.ts';
import { slotsOf } from './slots.ts';
import { TokenBucket } from './token-bucket.ts';

/** Settings of a limit store in this process. */
export type MemoryLimitOptions = {
  /** Callers tracked at once for each policy; who was seen longest ago is forgotten first. */
  readonly trackedCallers: number;
  /** Monotonic clock in milliseconds; default performance.now. */
  readonly now?: () => number;
  /** Wall clock in milliseconds, for months; default Date.now. */
  readonly wallClock?: () => number;
};

type FindCell = (caller: string) => LimitCell;
/** Says of one limit of amounts how much was used, and when that was known; absent for other limits. */
type Settling = ((used: number, timeUs: number) => void) | undefined;

const NONE: readonly number[] = [];

/** Limits that are counted in this process. */
export type MemoryLimits = {
  /** See LimitStore. */
  take(caller: string, policies: readonly LimitPolicy[]): LimitVerdict;
  /** See LimitStore. */
  reserve(caller: string, policies: readonly LimitPolicy[], amounts: readonly number[]): ReservationVerdict;
  /** See LendingStore. */
  ask(request: LimitRequest): SharedVerdict;
};

/** Limits that are counted in this process; they decide without a promise. */
export function createMemoryLimits({
  trackedCallers,
  now = () => performance.now(),
  wallClock = Date.now,
}: MemoryLimitOptions): MemoryLimits {
  // A table for each policy: joining its name to the caller's would cost more than the look-up.
  const tables = new Map<string, FindCell>();
  const tableOf = (policy: LimitPolicy): FindCell => {
    let table = tables.get(policy.name);
    if (!table) tables.set(policy.name, (table = createTable(policy, trackedCallers)));
    return table;
  };
  /** The cells of the last request, in the order of its policies. */
  const cells: LimitCell[] = [];
  const timeOf = ({ kind }: LimitPolicy, timeUs: number): number =>
    kind === 'month' ? Math.floor(wallClock() * 1000) : timeUs;
  const decide = (
    caller: string,
    policies: readonly LimitPolicy[],
    amounts: readonly number[],
    settling?: Settling[],
  ): LimitVerdict => {
    const timeUs = Math.floor(now() * 1000);
    let deniedBy = NONE;
    let shadowed = NONE;
    let place = 0;
    for (const policy of policies) {
      const cell = tableOf(policy)(holderOf(policy, caller));
      if (cell.look(timeOf(policy, timeUs), policy.count.value) < wanted(cell, amounts[place])) {
        if (policy.shadow) shadowed = [...shadowed, place];
        else deniedBy = [...deniedBy, place];
      }
      cells[place++] = cell;
    }
    const allowed = deniedBy.length === 0;
    const remaining: number[] = [];
    const resetMs: number[] = [];
    let held: InFlight[] | undefined;
    for (let index = 0; index < place; index++) {
      const cell = cells[index];
      if (cell === undefined) break;
      const amount = wanted(cell, amounts[index]);
      if (allowed && cell.left >= amount) {
        if (cell instanceof Amounts && settling) settling[index] = cell.reserve(amount);
        else cell.take();
        if (cell instanceof InFlight) (held ??= []).push(cell);
      }
      remaining.push(cell.left);
      resetMs.push((cell.left < amount ? cell.resetUs(amount - cell.left) : cell.resetUs()) / 1000);
    }
    const release = held && giveBackOnce(held);
    return { allowed, remaining, resetMs, deniedBy, shadowed, unavailable: false, release };
  };
  const reserve = (
    caller: string,
    policies: readonly LimitPolicy[],
    amounts: readonly number[],
  ): ReservationVerdict => {
    const settling: Settling[] = [];
    const verdict = decide(caller, policies, amounts, settling);
    if (settling.length === 0) return { ...verdict, settle: NOTHING_RESERVED };
    return {
      ...verdict,
      settle(used) {
        const timeUs = Math.floor(now() * 1000);
        for (const [place, settle] of settling.splice(0).entries()) {
          const policy = policies[place];
          if (policy) settle?.(used[place] ?? 0, timeOf(policy, timeUs));
        }
      },
    };
  };
  const take = (caller: string, policies: readonly LimitPolicy[]): LimitVerdict => decide(caller, policies, NONE);
  return {
    take,
    reserve,
    ask({ caller, policies, extras, amounts }) {
      const none = policies.map(() => 0);
      if (amounts) return { ...reserve(caller, policies, amounts), extras: none };
      const verdict = take(caller, policies);
      if (!extras) return { ...verdict, settle: NOTHING_RESERVED, extras: none };
      const isCharged = (place: number): boolean => verdict.allowed && !verdict.shadowed.includes(place);
      const granted = policies.map((_, place) => (isCharged(place) ? takeMore(cells[place], extras[place] ?? 0) : 0));
      const remaining = policies.map((_, place) => cells[place]?.left);
      const resetMs = policies.map((_, place) => (cells[place]?.resetUs() ?? 0) / 1000);
      return { ...verdict, settle: NOTHING_RESERVED, remaining, resetMs, extras: granted };
    },
  };
}

/** What a limit is asked for: where it counts amounts the one given, else one. */
function wanted(cell: LimitCell, amount: number | undefined): number {
  return amount !== undefined && cell instanceof Amounts ? amount : 1;
}

/** Charges up to so many more; returns how many. */
function takeMore(cell: LimitCell | undefined, wanted: number): number {
  const granted = Math.max(0, Math.min(wanted, cell?.left ?? 0));
  for (let taken = 0; taken < granted; taken++) cell?.take();
  return granted;
}

function createTable(policy: LimitPolicy, trackedCallers: number): FindCell {
  const { kind } = policy;
  if (kind === 'concurrency') {
    const flights = new Map<string, InFlight>();
    return (caller) => flights.get(caller) ?? new InFlight(flights, caller);
  }
  const cells = new BoundedMap<LimitCell>(trackedCallers);
  return (caller) => {
    let cell = cells.get(caller);
    if (!cell) cells.set(caller, (cell = createCell(kind, policy)), 1);
    return cell;
  };
}

function createCell(kind: Exclude<LimitKind, 'concurrency'>, { spanUs, lapseUs = 0 }: LimitPolicy): LimitCell {
  switch (kind) {
    case 'log':
      return new SlidingLog(spanUs);
    case 'counter':
      return new SlidingCounter(spanUs);
    case 'bucket':
      return new TokenBucket(spanUs);
    case 'sum':
    case 'month':
      return new Amounts({ slots: slotsOf({ kind, spanUs }), lapseUs });
  }
}

function giveBackOnce(held: InFlight[]): () => void {
  return () => {
    for (const flight of held.splice(0)) flight.give();
  };
}
