/** Who waits in a line, in the order of coming. */
type Waiting = { readonly turn: () => void; expectedAt: number };

/** A place in a line. */
export type Place = {
  /** Resolves when everybody before has gone. */
  readonly turn: Promise<void>;
  /** When it is likely to be served, for those who come after. */
  expect(at: number): void;
  /** Goes, served or not; whoever is next has the turn. Later calls do nothing. */
  leave(): void;
};

/** Those who wait for the same limit: first come, first served, so that a large request is not passed by small ones for good. */
export class Line {
  readonly #waiting: Waiting[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  /** When the last of those who wait is likely to be served; undefined when nobody waits. */
  get expectedAt(): number | undefined {
    return this.#waiting.at(-1)?.expectedAt;
  }

  /** Takes the last place; `expectedAt`: when it is likely to be served. */
  join(expectedAt: number): Place {
    let turn = (): void => undefined;
    const promise = new Promise<void>((resolve) => (turn = resolve));
    const own: Waiting = { turn, expectedAt };
    if (this.#waiting.push(own) === 1) turn();
    return {
      turn: promise,
      expect: (at) => (own.expectedAt = at),
      leave: () => {
        const place = this.#waiting.indexOf(own);
        if (place < 0) return;
        this.#waiting.splice(place, 1);
        if (place === 0) this.#waiting[0]?.turn();
      },
    };
  }
}
