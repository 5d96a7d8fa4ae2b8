type Slot<V> = { value: V; weight: number; touched: number };

/**
 * A map with a bound on the weight of all that is in it; what was used longest ago goes first.
 * The order is that of use to within half of the entries: one that was used among the last half is not moved again,
 * because moving costs more than the look-up, and the entry is in no danger.
 */
export class BoundedMap<V> {
  readonly #slots = new Map<string, Slot<V>>();
  readonly #maxWeight: number;
  readonly #onEvict: () => void;
  /** One for all evictions: a new one would walk over the holes that earlier ones left. */
  #oldest = this.#slots.keys();
  #weight = 0;
  #touches = 0;

  /** `maxWeight` is in whatever unit `set` weighs in; `onEvict` is told of each value that goes for want of room. */
  constructor(maxWeight: number, onEvict: () => void = () => undefined) {
    this.#maxWeight = maxWeight;
    this.#onEvict = onEvict;
  }

  /** How many values there are. */
  get size(): number {
    return this.#slots.size;
  }

  /** The weight of all values together. */
  get weight(): number {
    return this.#weight;
  }

  /** All keys and values, without counting as a use; entries may be deleted on the way. */
  *entries(): Generator<readonly [key: string, value: V]> {
    for (const [key, { value }] of this.#slots) yield [key, value];
  }

  /** The value, which counts as used now. */
  get(key: string): V | undefined {
    const slot = this.#slots.get(key);
    if (slot === undefined) return undefined;
    if (this.#touches - slot.touched > this.#slots.size / 2) {
      this.#slots.delete(key);
      this.#slots.set(key, slot);
      slot.touched = ++this.#touches;
    }
    return slot.value;
  }

  /** Puts a value in place of any other of the key; one that is heavier than the whole bound is not kept. */
  set(key: string, value: V, weight: number): void {
    this.delete(key);
    if (weight > this.#maxWeight) return;
    this.#slots.set(key, { value, weight, touched: ++this.#touches });
    this.#weight += weight;
    while (this.#weight > this.#maxWeight) {
      let oldest = this.#oldest.next();
      // An iterator that came to its end stays there.
      if (oldest.done) oldest = (this.#oldest = this.#slots.keys()).next();
      if (oldest.done) break;
      this.delete(oldest.value);
      this.#onEvict();
    }
  }

  /** Takes a value out; nothing happens when there is none. */
  delete(key: string): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) return;
    this.#slots.delete(key);
    this.#weight -= slot.weight;
  }
}
