import type { Service } from '../../service/definition/index.ts';
import type { Breach, Comparison, Invariant, Quantity } from './finding.ts';

export type { Comparison, Quantity };

const HOLDS: Readonly<Record<Comparison['required'], (left: number, right: number) => boolean>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>=': (left, right) => left >= right,
};

const SYMBOLS: Readonly<Record<Comparison['required'], string>> = { '<': '<', '<=': '≤', '>=': '≥' };

const OPPOSITES: Readonly<Record<Comparison['required'], string>> = { '<': '≥', '<=': '>', '>=': '<' };

/** The part of a row that compares quantities, and breaks where a comparison does not hold. */
export function compared(
  compare: (service: Service) => readonly Comparison[],
): Required<Pick<Invariant, 'compare' | 'check'>> {
  return { compare, check: (service) => brokenComparisons(compare(service)) };
}

/** A comparison in words, as it is: `20s rollout.minReady < 300s rollout.progressDeadline`. */
export function formatComparison({ left, required, right }: Comparison): string {
  const relation = HOLDS[required](left.value, right.value) ? SYMBOLS[required] : OPPOSITES[required];
  return `${left.text} ${relation} ${right.text}`;
}

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
