const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const TIME = String.raw`(\d{2}):(\d{2}):(\d{2})`;
const IMF_FIXDATE = new RegExp(
  String.raw`^(?:mon|tue|wed|thu|fri|sat|sun), (\d{2}) ([a-z]{3}) (\d{4}) ${TIME} gmt$`,
  'i',
);
const RFC_850 = new RegExp(
  String.raw`^(?:mon|tues|wednes|thurs|fri|satur|sun)day, (\d{2})-([a-z]{3})-(\d{2}) ${TIME} gmt$`,
  'i',
);
const ASCTIME = new RegExp(String.raw`^(?:mon|tue|wed|thu|fri|sat|sun) ([a-z]{3}) ([ \d]\d) ${TIME} (\d{4})$`, 'i');

const CENTURY = 100;
/** A two-digit year that would lie further ahead than this is one of the past (RFC 9110, section 5.6.7). */
const YEARS_AHEAD = 50;

/**
 * Milliseconds of an HTTP-date (RFC 9110, section 5.6.7) in any of its three forms, letters of either case; undefined
 * for everything else, a zone other than GMT above all (RFC 9111, section 4.2). `now` resolves years of two digits.
 */
export function parseHttpDate(value: string, now: number): number | undefined {
  const text = value.trim();
  const fixed = IMF_FIXDATE.exec(text);
  if (fixed) return toTime(fixed[3], fixed[2], fixed[1], fixed.slice(4));
  const old = RFC_850.exec(text);
  if (old) return toTime(String(fullYear(Number(old[3]), now)), old[2], old[1], old.slice(4));
  const asctime = ASCTIME.exec(text);
  return asctime ? toTime(asctime[6], asctime[1], asctime[2]?.trim(), asctime.slice(3, 6)) : undefined;
}

/** A time in milliseconds as an HTTP-date. */
export function formatHttpDate(time: number): string {
  return new Date(time).toUTCString();
}

function toTime(
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
  clock: readonly (string | undefined)[],
): number | undefined {
  const monthIndex = MONTHS.indexOf((month ?? '').toLowerCase());
  const [hours, minutes, seconds] = clock.map(Number);
  if (monthIndex < 0 || (hours ?? 0) > 23 || (minutes ?? 0) > 59 || (seconds ?? 0) > 60) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), monthIndex, Number(day));
  // 30 February would silently become a day of March.
  if (date.getUTCDate() !== Number(day)) return undefined;
  return date.setUTCHours(hours ?? 0, minutes ?? 0, seconds ?? 0);
}

function fullYear(twoDigits: number, now: number): number {
  const current = new Date(now).getUTCFullYear();
  const year = current - (current % CENTURY) + twoDigits;
  return year > current + YEARS_AHEAD ? year - CENTURY : year;
}
