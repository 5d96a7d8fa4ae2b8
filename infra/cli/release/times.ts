const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const LATEST = 8.64e15;

/** A time in milliseconds since 1970, as ISO 8601 in UTC to the second. */
export function timeInWords(at: number | undefined): string {
  if (at === undefined || !(Math.abs(at) <= LATEST)) return 'unknown';
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** A length in milliseconds, to the second from a minute on and to the minute from an hour on. */
export function lengthInWords(length: number): string {
  if (!Number.isFinite(length)) return 'unknown';
  const whole = Math.max(length, 0);
  if (whole < MINUTE) return `${Number((whole / SECOND).toFixed(1))} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min ${Math.floor((whole % MINUTE) / SECOND)} s`;
  return `${Math.floor(whole / HOUR)} h ${Math.floor((whole % HOUR) / MINUTE)} min`;
}

/** A share from 0 to 1. */
export function shareInWords(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
