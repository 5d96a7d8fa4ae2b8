import type { Breach, Numbers } from './finding.ts';

/** A number and how it comes about, in words: `65s balancer.requestTimeout`. */
export type Quantity = { readonly value: number; readonly text: string };

/** What must hold between two quantities of one unit. */
export type Comparison = {
  /** The field that is bounded. */
  readonly path: string;
  readonly left: Quantity;
  readonly required: Numbers['required'];
  readonly right: Quantity;
  readonly unit: 'connections' | 'ms' | 'MiB' | 'pods' | 'requests' | 'requests/s';
  /** Sets of `path=value` worth trying, the best first; what cannot be computed is left out as undefined. */
  readonly fixes: readonly (readonly string[] | undefined)[];
};

const HOLDS: Readonly<Record<Comparison['required'], (left: number, right: number) => boolean>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>=': (left, right) => left >= right,
};

const OPPOSITES: Readonly<Record<Comparison['required'], string>> = { '<': '≥', '<=': '>', '>=': '<' };

/** A breach for each comparison that does not hold. */
export function brokenComparisons(comparisons: readonly Comparison[]): readonly Breach[] {
  return comparisons
    .filter(({ left, required, right }) => !HOLDS[required](left.value, right.value))
    .map(({ path, left, required, right, unit, fixes }) => ({
      path,
      problem: `${left.text} ${OPPOSITES[required]} ${right.text}`,
      numbers: { left: left.value, right: right.value, required, unit },
      fixes: fixes.filter((settings) => settings !== undefined).map((settings) => ({ settings })),
    }));
}

/** A number of things in words, `2 workers`. */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
