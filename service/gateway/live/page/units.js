/** @typedef {(value: number) => string} Formatter */

const STEPS = [
  { from: 1e12, by: 1e12, suffix: 'T' },
  { from: 1e9, by: 1e9, suffix: 'G' },
  { from: 1e6, by: 1e6, suffix: 'M' },
  { from: 1e4, by: 1e3, suffix: 'k' },
];

const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** @type {Readonly<Record<string, Formatter>>} */
const UNITS = {
  reqps: (value) => `${short(value)}/s`,
  ops: (value) => `${short(value)}/s`,
  percentunit: (value) => `${digits(value * 100)} %`,
  s: seconds,
  bytes,
  currencyUSD: (value) => `$${digits(value)}`,
  short,
};

/**
 * A number with its unit, as people read it; units by Grafana's names.
 * @param {number} value
 * @param {string} unit
 * @returns {string}
 */
export function inUnit(value, unit) {
  return (UNITS[unit] ?? short)(value);
}

/**
 * A span of time, such as `3 min 12 s`.
 * @param {number} total seconds
 * @returns {string}
 */
export function span(total) {
  const whole = Math.max(0, Math.round(total));
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  if (minutes > 0) return `${minutes} min ${whole % 60} s`;
  return `${whole} s`;
}

/**
 * The time of day, in the browser's zone.
 * @param {number} at seconds since 1970
 * @returns {string}
 */
export function clock(at) {
  return new Date(at * 1000).toLocaleTimeString('en-GB');
}

/** @type {Formatter} */
function short(value) {
  const step = STEPS.find(({ from }) => Math.abs(value) >= from);
  return step ? `${digits(value / step.by)} ${step.suffix}` : digits(value);
}

/** @type {Formatter} */
function seconds(value) {
  const size = Math.abs(value);
  if (size === 0) return '0 s';
  if (size < 1e-3) return `${digits(value * 1e6)} µs`;
  if (size < 1) return `${digits(value * 1e3)} ms`;
  return size < 120 ? `${digits(value)} s` : span(value);
}

/** @type {Formatter} */
function bytes(value) {
  const power = Math.abs(value) < 1 ? 0 : Math.min(BYTES.length - 1, Math.floor(Math.log2(Math.abs(value)) / 10));
  return `${digits(value / 2 ** (10 * power))} ${BYTES[power] ?? ''}`;
}

/**
 * Three digits that count, whole numbers whole.
 * @type {Formatter}
 */
function digits(value) {
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 1) return String(Number(value.toPrecision(3)));
  return size < 1e-4 ? value.toExponential(1) : String(Number(value.toPrecision(2)));
}
