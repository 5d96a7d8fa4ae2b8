/**
 * One step from a schema to the next. After an expand step the code of every earlier version still works; after a
 * contract step only that of `safeFrom` and later.
 */
export type SchemaStep =
  | { readonly name: string; readonly phase: 'expand' }
  | { readonly name: string; readonly phase: 'contract'; readonly safeFrom: string };

/** The oldest version where every step is an expand step. */
export const ANY_VERSION = '0.0.0';

/** The oldest version of the service that can run once the steps are applied; `0.0.0` where any can. */
export function oldestSafeVersion(applied: readonly SchemaStep[]): string {
  const bounds = applied.flatMap((step) => (step.phase === 'contract' ? [step.safeFrom] : []));
  return bounds.reduce((oldest, bound) => (compareVersions(bound, oldest) > 0 ? bound : oldest), ANY_VERSION);
}

/** Whether a release of the target version works with the schema that the applied steps have made. */
export function rollbackSafe(target: string, applied: readonly SchemaStep[]): boolean {
  return compareVersions(target, oldestSafeVersion(applied)) >= 0;
}

/**
 * Negative where the first version is older, positive where it is newer, 0 for equal ones; by Semantic Versioning 2.
 */
export function compareVersions(a: string, b: string): number {
  const [coreA, preA] = splitVersion(a);
  const [coreB, preB] = splitVersion(b);
  const core = compareParts(coreA, coreB);
  if (core !== 0 || preA === preB) return core;
  // What comes before a release is older than the release.
  if (preA === undefined || preB === undefined) return preA === undefined ? 1 : -1;
  return compareParts(preA.split('.'), preB.split('.'));
}

function splitVersion(version: string): readonly [core: readonly string[], before: string | undefined] {
  const [text = ''] = version.split('+');
  const dash = text.indexOf('-');
  if (dash < 0) return [text.split('.'), undefined];
  return [text.slice(0, dash).split('.'), text.slice(dash + 1)];
}

/** Numbers by value and before words, words by their characters; of two that begin alike the longer one is newer. */
function compareParts(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [one, other] = [a[index], b[index]];
    if (one === undefined || other === undefined) return one === undefined ? -1 : 1;
    if (one === other) continue;
    const [isNumber, otherIsNumber] = [/^\d+$/.test(one), /^\d+$/.test(other)];
    if (isNumber && otherIsNumber) return Number(one) - Number(other);
    if (isNumber !== otherIsNumber) return isNumber ? -1 : 1;
    return one < other ? -1 : 1;
  }
  return 0;
}
