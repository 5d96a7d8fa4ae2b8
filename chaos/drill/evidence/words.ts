/** Seconds as reports write them: `14.2 s`. */
export function inSeconds(seconds: number): string {
  return `${seconds < 1 ? Number(seconds.toPrecision(2)) : seconds.toFixed(1)} s`;
}

/** A share as reports write it: `2.5 %`. */
export function inPercent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

/** Things in a sentence: `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
}
