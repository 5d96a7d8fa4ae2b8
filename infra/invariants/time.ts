import { toMilliseconds, type Duration, type Rate } from '../../service/definition/index.ts';
import type { Quantity } from './comparison.ts';

/** Milliseconds in seconds, `'65s'`: every rung of a ladder is told in one unit. */
export function seconds(milliseconds: number): Duration {
  return `${milliseconds / 1000}s`;
}

/** A field of the definition as a quantity in milliseconds. */
export function timeOf(name: string, value: Duration): Quantity {
  const milliseconds = toMilliseconds(value);
  return { value: milliseconds, text: `${seconds(milliseconds)} ${name}` };
}

/** The next whole second above. */
export function above(milliseconds: number): Duration {
  return seconds(Math.floor(milliseconds / 1000) * 1000 + 1000);
}

/** The next whole second below, or half where there is none. */
export function below(milliseconds: number): Duration {
  return seconds(milliseconds > 1000 ? Math.ceil(milliseconds / 1000) * 1000 - 1000 : milliseconds / 2);
}

/** A whole number of requests per second, rounded up, at least one. */
export function perSecond(requests: number): Rate {
  return `${Math.max(1, Math.ceil(requests))}/s`;
}

/** A whole number per minute, of so many per second, at least one. */
export function perMinute(perSecond: number): Rate {
  return `${Math.max(1, Math.floor(perSecond * 60))}/min`;
}

/** A number as a person writes it, with two places at most. */
export function rounded(number: number): string {
  return String(Math.round(number * 100) / 100);
}
