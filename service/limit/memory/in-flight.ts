import type { LimitCell } from './cell.ts';

/** Requests of one caller that are in flight. It is in its table only while there are some, so nobody's is forgotten. */
export class InFlight implements LimitCell {
  left = 0;
  readonly #table: Map<string, InFlight>;
  readonly #caller: string;
  #count = 0;

  constructor(table: Map<string, InFlight>, caller: string) {
    this.#table = table;
    this.#caller = caller;
  }

  look(_timeUs: number, limit: number): number {
    return (this.left = Math.max(0, limit - this.#count));
  }

  take(): void {
    if (this.#count++ === 0) this.#table.set(this.#caller, this);
    this.left--;
  }

  give(): void {
    if (--this.#count === 0) this.#table.delete(this.#caller);
  }

  /** Nobody knows when a request ends. */
  resetUs(): number {
    return 0;
  }
}
