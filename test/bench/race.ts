import type { Contestant } from './contestants/contestant.ts';
import { median, shuffled } from './measure.ts';

/** What each contestant of a race did in each round. */
export type Results<Name extends string> = Readonly<Record<Name, readonly number[]>>;

/** Starts one contestant, with all that it needs. */
export type Start<Started extends Contestant = Contestant> = () => Promise<Started>;

/**
 * Measures every contestant in every round, in a fresh process and a random order: one program started twice differs
 * by up to a quarter, and machines drift.
 */
export async function race<Name extends string, Started extends Contestant>(
  rounds: number,
  contestants: Readonly<Record<Name, Start<Started>>>,
  measure: (contestant: Started) => Promise<number>,
): Promise<Results<Name>> {
  const names = Object.keys(contestants) as Name[];
  const results = Object.fromEntries(names.map((name): [Name, number[]] => [name, []])) as Record<Name, number[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name of shuffled(names)) {
      const contestant = await contestants[name]();
      try {
        results[name].push(await measure(contestant));
      } finally {
        await contestant.stop();
      }
    }
  }
  return results;
}

/** The median of the ratios within each round: what drifts from round to round falls out. */
export function ratio<Name extends string>(results: Results<Name>, one: Name, other: Name): number {
  return median(results[one].map((value, round) => value / (results[other][round] ?? Number.NaN)));
}
