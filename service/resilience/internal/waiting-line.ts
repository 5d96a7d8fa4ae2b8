/** What stands in a line: it knows its neighbours, so that it can step out from anywhere at once. */
export type Waiting<T> = {
  before: T | undefined;
  behind: T | undefined;
};

/** A line that is served from its head; joining, serving and stepping out take the same time however long it is. */
export class WaitingLine<T extends Waiting<T>> {
  #head: T | undefined;
  #tail: T | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Who has waited longest. */
  get head(): T | undefined {
    return this.#head;
  }

  /** Who came last. */
  get tail(): T | undefined {
    return this.#tail;
  }

  /** Joins at the tail; one that stands in a line already must not. */
  join(one: T): void {
    one.before = this.#tail;
    if (this.#tail) this.#tail.behind = one;
    else this.#head = one;
    this.#tail = one;
    this.#size++;
  }

  /** Steps out from wherever it stands; only one that stands in this line may. */
  leave(one: T): void {
    if (one.before) one.before.behind = one.behind;
    else this.#head = one.behind;
    if (one.behind) one.behind.before = one.before;
    else this.#tail = one.before;
    one.before = one.behind = undefined;
    this.#size--;
  }
}
