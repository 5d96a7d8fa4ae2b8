import type { Series } from '../run.ts';

/** A time in seconds, such as `340 ms`, `14.2 s` or `3 min 12 s`. */
export function seconds(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0 s';
  if (size < 0.9995) return `${digits(value * 1000)} ms`;
  if (size < 119.95) return `${size < 9.995 ? digits(value) : Number(value.toFixed(1))} s`;
  const whole = Math.round(size);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const parts =
    hours > 0
      ? [
          [hours, 'h'],
          [minutes, 'min'],
        ]
      : [
          [minutes, 'min'],
          [rest, 's'],
        ];
  const words = parts.filter(([amount]) => amount !== 0).map(([amount, unit]) => `${String(amount)} ${String(unit)}`);
  return (value < 0 ? '−' : '') + words.join(' ');
}

/** A share of 1, such as `0.1 %`. */
export function percent(value: number): string {
  return `${digits(value * 100)} %`;
}

/** A count, with commas between thousands. */
export function count(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en-US') : digits(value);
}

/** A value in the unit of a series. */
export function inUnit(value: number, unit: Series['unit']): string {
  if (unit === 'seconds') return seconds(value);
  if (unit === 'share') return percent(value);
  return unit === 'per-second' ? `${count(Number(value.toPrecision(3)))}/s` : count(Number(value.toPrecision(4)));
}

/** A thing and how many there are of it, such as `1 request`; the plural adds an s. */
export function many(amount: number, thing: string): string {
  return `${count(amount)} ${thing}${amount === 1 ? '' : 's'}`;
}

/** Names in a sentence: `a, b and c`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${String(names.at(-1))}`;
}

/** The day and time in UTC, such as `2026-01-02 03:04:05`; milliseconds since 1970. */
export function dateTime(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

/** The time of day in UTC to the tenth of a second; milliseconds since 1970. */
export function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 21);
}

/** Three digits that count, whole numbers whole. */
function digits(value: number): string {
  if (Number.isInteger(value)) return count(value);
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 1) return String(Number(value.toPrecision(3)));
  return size < 1e-4 ? value.toExponential(1) : String(Number(value.toPrecision(2)));
}
