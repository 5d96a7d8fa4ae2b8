import { BoundedMap } from '../store/bounded-map.ts';
import { holderOf, type LimitPolicy, type LimitVerdict } from './policy.ts';

type Denial = {
  /** Until when there is no room, by the monotonic clock in milliseconds. */
  readonly until: number;
  /** The count that denied: where it has grown since, there may be room. */
  readonly count: number;
};

/**
 * Remembers who is over which limit, and until when: until then the answer is known, and the store need not be asked.
 * A limit of requests in flight is not remembered, since nobody knows when one ends.
 */
export class DenialMemory {
  readonly #tables = new Map<string, BoundedMap<Denial>>();
  readonly #trackedCallers: number;

  /** `trackedCallers`: callers remembered for each limit. */
  constructor(trackedCallers: number) {
    this.#trackedCallers = trackedCallers;
  }

  /** Takes in what the store denied at a time. */
  remember(caller: string, policies: readonly LimitPolicy[], { deniedBy, resetMs }: LimitVerdict, time: number): void {
    for (const place of deniedBy) {
      const policy = policies[place];
      const wait = resetMs[place] ?? 0;
      if (policy === undefined || wait <= 0) continue;
      let table = this.#tables.get(policy.name);
      if (!table) this.#tables.set(policy.name, (table = new BoundedMap<Denial>(this.#trackedCallers)));
      table.set(holderOf(policy, caller), { until: time + wait, count: policy.count.value }, 1);
    }
  }

  /** The denial that the store would answer with; undefined when it has to be asked. */
  find(caller: string, policies: readonly LimitPolicy[], time: number): LimitVerdict | undefined {
    if (this.#tables.size === 0) return undefined;
    let deniedBy: number[] | undefined;
    const resetMs: number[] = [];
    let place = 0;
    for (const policy of policies) {
      const wait = this.#wait(policy, holderOf(policy, caller), time);
      resetMs.push(wait);
      if (wait > 0) (deniedBy ??= []).push(place);
      place++;
    }
    if (deniedBy === undefined) return undefined;
    const remaining = resetMs.map((wait) => (wait > 0 ? 0 : undefined));
    return { allowed: false, remaining, resetMs, deniedBy, shadowed: [], unavailable: false, release: undefined };
  }

  #wait(policy: LimitPolicy, holder: string, time: number): number {
    const table = this.#tables.get(policy.name);
    const denial = table?.get(holder);
    if (denial === undefined) return 0;
    if (denial.until > time && policy.count.value <= denial.count) return denial.until - time;
    table?.delete(holder);
    return 0;
  }
}
