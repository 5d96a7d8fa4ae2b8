import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Folder of the project. */
export const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/** One figure of the bench. */
export type Measure = {
  readonly name: string;
  readonly value: number;
  /** The longest of the times that `value` is the median of; what must hold holds for it. */
  readonly worst?: number;
  readonly unit: 's' | 'ms' | 'µs' | '1/s' | 'KiB' | 'MiB' | 'ratio' | 'calls' | 'runs';
  /** What it must hold, such as `≥ 0.85`. */
  readonly hold?: string;
  /** What it aims at. */
  readonly aim?: string;
};

/** Programs that are not on PATH. */
export function missingPrograms(names: readonly string[]): string[] {
  return names.filter((name) => spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${name}`]).status !== 0);
}

/** Whether these programs are there; says on standard error what is not measured when they are not. */
export function canMeasure(what: string, names: readonly string[]): boolean {
  const missing = missingPrograms(names);
  if (missing.length > 0) process.stderr.write(`skipped: ${what}: ${missing.join(', ')} not on PATH\n`);
  return missing.length === 0;
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (place: number): number => sorted[place] ?? Number.NaN;
  return (at(Math.floor((sorted.length - 1) / 2)) + at(Math.ceil((sorted.length - 1) / 2))) / 2;
}

/** The items in a random order. */
export function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, rank: Math.random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

/** Whether a figure holds a bound such as `≥ 0.85` or `≤ 50`. */
export function holds(value: number, bound: string): boolean {
  const [sign, number = ''] = bound.split(' ');
  return sign === '≥' ? value >= Number(number) : value <= Number(number);
}
