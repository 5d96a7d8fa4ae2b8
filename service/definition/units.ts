/** A length of time as text with its unit, such as `'250ms'`, `'30s'`, `'5m'`, `'24h'` or `'30d'`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

/** An amount of memory or storage with a binary unit, such as `'512Ki'`, `'256Mi'` or `'10Gi'`. */
export type Bytes = `${number}${'Ki' | 'Mi' | 'Gi'}`;

/** A share of a whole in percent, such as `'65%'` or `'0.1%'`. */
export type Ratio = `${number}%`;

/** A count per window, such as `'100/min'` or `'5/s'`. */
export type Rate = `${number}/${'s' | 'min' | 'h'}`;

/** An amount of processor time with the unit of Kubernetes, thousandths of a core, such as `'500m'`. */
export type Cpu = `${number}m`;

const number = String.raw`\d+(?:\.\d+)?`;

/** How each unit is written; validation and parsing both use these. */
export const UNIT_PATTERNS = {
  duration: new RegExp(`^(${number})(ms|s|m|h|d)$`),
  bytes: new RegExp(`^(${number})(Ki|Mi|Gi)$`),
  ratio: new RegExp(`^(${number})%$`),
  rate: /^([1-9]\d*)\/(s|min|h)$/,
  cpu: /^([1-9]\d*)m$/,
} as const;

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const BYTES: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };
const WINDOWS: Readonly<Record<string, Duration>> = { s: '1s', min: '1m', h: '1h' };

/** A duration in milliseconds. Throws a RangeError on text that is not a duration. */
export function toMilliseconds(value: Duration): number {
  return scaled(value, UNIT_PATTERNS.duration, MILLISECONDS);
}

/** A duration in seconds, possibly fractional. Throws a RangeError on text that is not a duration. */
export function toSeconds(value: Duration): number {
  return toMilliseconds(value) / 1000;
}

/** An amount of memory in bytes. Throws a RangeError on text that is not one. */
export function toBytes(value: Bytes): number {
  return scaled(value, UNIT_PATTERNS.bytes, BYTES);
}

/** An amount of memory in mebibytes. Throws a RangeError on text that is not one. */
export function toMebibytes(value: Bytes): number {
  return toBytes(value) / 2 ** 20;
}

/** A share as a number, 1 for `'100%'`. Throws a RangeError on text that is not a ratio. */
export function toFraction(value: Ratio): number {
  const [, amount] = requireMatch(value, UNIT_PATTERNS.ratio);
  return Number(amount) / 100;
}

/** A rate's count and its window. Throws a RangeError on text that is not a rate. */
export function parseRate(value: Rate): { readonly limit: number; readonly window: Duration } {
  const [, count = '', per = ''] = requireMatch(value, UNIT_PATTERNS.rate);
  return { limit: Number(count), window: WINDOWS[per] ?? '1s' };
}

/** A rate as requests per second, possibly fractional. Throws a RangeError on text that is not a rate. */
export function toPerSecond(value: Rate): number {
  const { limit, window } = parseRate(value);
  return limit / toSeconds(window);
}

/** A whole number of milliseconds in the largest unit that holds it exactly: 120000 is `'2m'`. */
export function formatDuration(milliseconds: number): Duration {
  for (const unit of ['h', 'm', 's'] as const) {
    const size = MILLISECONDS[unit] ?? 1;
    if (milliseconds >= size && milliseconds % size === 0) return `${milliseconds / size}${unit}`;
  }
  return milliseconds === 0 ? '0s' : `${milliseconds}ms`;
}

/** A number of bytes in mebibytes, rounded up, such as `'900Mi'`. */
export function formatMebibytes(bytes: number): Bytes {
  return `${Math.ceil(bytes / 2 ** 20)}Mi`;
}

function scaled(value: string, pattern: RegExp, units: Readonly<Record<string, number>>): number {
  const [, amount = '', unit = ''] = requireMatch(value, pattern);
  return Number(amount) * (units[unit] ?? Number.NaN);
}

function requireMatch(value: string, pattern: RegExp): RegExpExecArray {
  const match = pattern.exec(value);
  if (!match) throw new RangeError(`'${value}' does not match ${pattern.source}`);
  return match;
}
