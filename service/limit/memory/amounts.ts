import type { LimitCell } from './cell.ts';
import type { Slots } from './slots.ts';

/** A part of a limit that is taken until somebody says how much of it was used. */
type Reservation = { readonly slot: number; readonly amount: number; readonly lapsesAtUs: number };

/** Settings of the cell. */
export type AmountsOptions = {
  readonly slots: Slots;
  /** After which a reservation that nobody settled lapses. */
  readonly lapseUs: number;
};

/**
 * Amounts in a window, by slots. What is reserved counts at once, in the slot of its time; settling puts what was used
 * in its place: in the same slot while that is counted, else, where more was used than reserved, in the current one.
 * Never admits more than the limit in any window; what is used above its reservation comes on top.
 */
export class Amounts implements LimitCell {
  left = 0;
  readonly #slots: Slots;
  readonly #lapseUs: number;
  readonly #sums = new Map<number, number>();
  /** In the order of their time, as they lapse. */
  readonly #reserved = new Set<Reservation>();
  #timeUs = 0;
  #slot = 0;
  #limit = 0;
  #used = 0;

  constructor({ slots, lapseUs }: AmountsOptions) {
    this.#slots = slots;
    this.#lapseUs = lapseUs;
  }

  look(timeUs: number, limit: number): number {
    this.#timeUs = timeUs;
    this.#slot = this.#slots.at(timeUs);
    this.#limit = limit;
    for (const reservation of this.#reserved) {
      if (reservation.lapsesAtUs > timeUs) break;
      this.#reserved.delete(reservation);
      this.#move(reservation, 0);
    }
    const first = this.#slots.first(this.#slot);
    this.#used = 0;
    for (const [slot, amount] of this.#sums) {
      if (slot < first) this.#sums.delete(slot);
      else this.#used += amount;
    }
    return (this.left = Math.max(0, limit - this.#used));
  }

  take(): void {
    this.#add(this.#slot, 1);
  }

  /** Reserves an amount, of which there is room; the function, called once, says how much was used, and when. */
  reserve(amount: number): (used: number, timeUs: number) => void {
    const reservation = { slot: this.#slot, amount, lapsesAtUs: this.#timeUs + this.#lapseUs };
    this.#reserved.add(reservation);
    this.#add(this.#slot, amount);
    return (used, timeUs) => {
      this.look(timeUs, this.#limit);
      if (this.#reserved.delete(reservation)) this.#move(reservation, used);
    };
  }

  /** `more`: how much more than `left` is to be left; 0 also where that will never be. */
  resetUs(more = 1): number {
    let free = this.#limit - this.#used;
    const wanted = this.left + more;
    for (const slot of [...this.#sums.keys()].sort((a, b) => a - b)) {
      free += this.#sums.get(slot) ?? 0;
      if (free >= wanted) return Math.max(0, this.#slots.leavesUs(slot) - this.#timeUs);
    }
    return 0;
  }

  #move({ slot, amount }: Reservation, used: number): void {
    if (this.#sums.has(slot)) this.#add(slot, used - amount);
    else if (used > amount) this.#add(this.#slot, used - amount);
  }

  #add(slot: number, amount: number): void {
    this.#sums.set(slot, (this.#sums.get(slot) ?? 0) + amount);
    this.#used += amount;
    this.left = Math.max(0, this.#limit - this.#used);
  }
}
