import { findQuantity } from '../../alerts/rollback/cluster/quantity.ts';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Whether two plain values say the same: equal, or one amount in two writings, such as `1Gi` and `1024Mi`, `500m` and
 * `0.5`, `90s` and `1m30s`. Text without a unit on either side is compared as text.
 */
export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (!isAmount(left) || !isAmount(right) || !(hasUnit(left) || hasUnit(right))) return false;
  return sameAmount(findQuantity, left, right) || sameAmount(durationOf, left, right);
}

type Amount = string | number;

function isAmount(value: unknown): value is Amount {
  return typeof value === 'number' || (typeof value === 'string' && /^[0-9.]/.test(value));
}

function hasUnit(value: Amount): boolean {
  return /[A-Za-z]$/.test(String(value));
}

function sameAmount(amountOf: (value: Amount) => number | undefined, left: Amount, right: Amount): boolean {
  const [a, b] = [amountOf(left), amountOf(right)];
  return a !== undefined && b !== undefined && Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}

/** A duration of Go, of Prometheus or of the definition in milliseconds. */
function durationOf(value: Amount): number | undefined {
  const text = String(value);
  if (!/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)];
  return parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (UNITS[unit] ?? 0), 0);
}
