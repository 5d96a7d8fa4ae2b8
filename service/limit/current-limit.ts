import type { CurrentLimit } from './policy.ts';

/** A limit whose count something else may move while the service runs, such as a forecast of the load. */
export type TunableLimit = CurrentLimit & {
  /** The count as declared, by the time of day. */
  readonly declared: number;
  /** The bounds inside which `move` sets the count. */
  readonly min: number;
  readonly max: number;
  /** Puts a count in place of the declared one, rounded and kept inside the bounds; undefined takes it back. */
  move(count: number | undefined): void;
};

/** Where a tunable limit begins, and how far it may be moved. */
export type TunableLimitOptions = {
  readonly declared: CurrentLimit;
  readonly min: number;
  readonly max: number;
};

/** A count that never changes. */
export function fixedLimit(value: number): CurrentLimit {
  return { value };
}

/** A count that stays as declared until it is moved. */
export function tunableLimit({ declared, min, max }: TunableLimitOptions): TunableLimit {
  let moved: number | undefined;
  return {
    min,
    max,
    get declared() {
      return declared.value;
    },
    get value() {
      return moved ?? declared.value;
    },
    move(count) {
      moved = count === undefined ? undefined : Math.min(max, Math.max(min, Math.round(count)));
    },
  };
}
