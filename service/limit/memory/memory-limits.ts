import { BoundedMap } from '../../store/bounded-map.ts';
import { holderOf, type LimitPolicy, type LimitRequest, type LimitVerdict, type SharedVerdict } from '../policy.ts';
import type { LimitCell } from './cell.ts';
import { InFlight } from './in-flight.ts';
import { SlidingCounter } from './sliding-counter.ts';
import { SlidingLog } from './sliding-log.ts';
import { TokenBucket } from './token-bucket.ts';

/** Settings of a limit store in this process. */
export type MemoryLimitOptions = {
  /** Callers tracked at once for each policy; who was seen longest ago is forgotten first. */
  readonly trackedCallers: number;
  /** Monotonic clock in milliseconds; default performance.now. */
  readonly now?: () => number;
};

type FindCell = (caller: string) => LimitCell;

const NONE: readonly number[] = [];

/** Limits that are counted in this process. */
export type MemoryLimits = {
  /** See LimitStore. */
  take(caller: string, policies: readonly LimitPolicy[]): LimitVerdict;
  /** See LendingStore. */
  ask(request: LimitRequest): SharedVerdict;
};

/** Limits that are counted in this process; they decide without a promise. */
export function createMemoryLimits({
  trackedCallers,
  now = () => performance.now(),
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
  const take = (caller: string, policies: readonly LimitPolicy[]): LimitVerdict => {
    const timeUs = Math.floor(now() * 1000);
    let deniedBy = NONE;
    let shadowed = NONE;
    let place = 0;
    for (const policy of policies) {
      const cell = tableOf(policy)(holderOf(policy, caller));
      if (cell.look(timeUs, policy.count.value) < 1) {
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
      if (allowed && cell.left > 0) {
        cell.take();
        if (cell instanceof InFlight) (held ??= []).push(cell);
      }
      remaining.push(cell.left);
      resetMs.push(cell.resetUs() / 1000);
    }
    const release = held && giveBackOnce(held);
    return { allowed, remaining, resetMs, deniedBy, shadowed, unavailable: false, release };
  };
  return {
    take,
    ask({ caller, policies, extras }) {
      const verdict = take(caller, policies);
      if (!extras) return { ...verdict, extras: policies.map(() => 0) };
      const isCharged = (place: number): boolean => verdict.allowed && !verdict.shadowed.includes(place);
      const granted = policies.map((_, place) => (isCharged(place) ? takeMore(cells[place], extras[place] ?? 0) : 0));
      const remaining = policies.map((_, place) => cells[place]?.left);
      const resetMs = policies.map((_, place) => (cells[place]?.resetUs() ?? 0) / 1000);
      return { ...verdict, remaining, resetMs, extras: granted };
    },
  };
}

/** Charges up to so many more; returns how many. */
function takeMore(cell: LimitCell | undefined, wanted: number): number {
  const granted = Math.max(0, Math.min(wanted, cell?.left ?? 0));
  for (let taken = 0; taken < granted; taken++) cell?.take();
  return granted;
}

function createTable({ kind, spanUs }: LimitPolicy, trackedCallers: number): FindCell {
  if (kind === 'concurrency') {
    const flights = new Map<string, InFlight>();
    return (caller) => flights.get(caller) ?? new InFlight(flights, caller);
  }
  const cells = new BoundedMap<LimitCell>(trackedCallers);
  return (caller) => {
    let cell = cells.get(caller);
    if (!cell) cells.set(caller, (cell = createCell(kind, spanUs)), 1);
    return cell;
  };
}

function createCell(kind: 'log' | 'counter' | 'bucket', spanUs: number): LimitCell {
  switch (kind) {
    case 'log':
      return new SlidingLog(spanUs);
    case 'counter':
      return new SlidingCounter(spanUs);
    case 'bucket':
      return new TokenBucket(spanUs);
  }
}

function giveBackOnce(held: InFlight[]): () => void {
  return () => {
    for (const flight of held.splice(0)) flight.give();
  };
}
