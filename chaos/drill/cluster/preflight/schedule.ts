import type { Service } from '../../../../service/definition/index.ts';
import { toMilliseconds } from '../../../../service/definition/index.ts';

const MINUTE_MS = 60_000;
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** Minute, hour, day of month, month, day of week: from where each counts, how far it goes, and its names. */
const FIELDS = [
  { from: 0, to: 59, names: [] },
  { from: 0, to: 23, names: [] },
  { from: 1, to: 31, names: [] },
  { from: 1, to: 12, names: MONTHS },
  { from: 0, to: 7, names: DAYS },
] as const;

/** Whether a drill's time was at most its window ago, by its schedule; `now` is in milliseconds since 1970. */
export function isInWindow({ schedule, timeZone, window }: Service['drills'], now: number): boolean {
  const matches = matcherOf(schedule, timeZone);
  const minute = now - (now % MINUTE_MS);
  for (let at = minute; at >= now - toMilliseconds(window); at -= MINUTE_MS) if (matches(at)) return true;
  return false;
}

/** Whether a minute is one of a cron line; as in Kubernetes, of two days that are both given either will do. */
function matcherOf(line: string, timeZone: string): (at: number) => boolean {
  const texts = line.split(' ');
  const sets = FIELDS.map((field, index) => numbersOf(texts[index] ?? '*', field));
  const [minutes, hours, days, months, weekdays] = sets as [
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
  ];
  const [isAnyDay, isAnyWeekday] = [texts[2], texts[4]].map((text = '*') => text.startsWith('*'));
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    minute: 'numeric',
    hour: 'numeric',
    day: 'numeric',
    month: 'numeric',
    weekday: 'short',
  });
  return (at) => {
    const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]));
    const isDay = days.has(Number(parts.day));
    const isWeekday = weekdays.has(DAYS.indexOf((parts.weekday ?? '').toUpperCase()));
    return (
      minutes.has(Number(parts.minute)) &&
      hours.has(Number(parts.hour)) &&
      months.has(Number(parts.month)) &&
      (isAnyDay || isAnyWeekday ? isDay && isWeekday : isDay || isWeekday)
    );
  };
}

type Field = { readonly from: number; readonly to: number; readonly names: readonly string[] };

/** The numbers of a field such as `*`, `1-5`, `*\/15` or `MON,FRI`. */
function numbersOf(text: string, { from, to, names }: Field): Set<number> {
  const numberOf = (word: string): number => {
    const place = names.indexOf(word.toUpperCase());
    return place < 0 ? Number(word) : place + from;
  };
  const all = text.split(',').flatMap((part) => {
    const [range = '*', step = '1'] = part.split('/');
    const [low = '', high] = range.split('-');
    const first = range === '*' || range === '?' ? from : numberOf(low);
    const last =
      range === '*' || range === '?' || (high === undefined && part.includes('/')) ? to : numberOf(high ?? low);
    return Array.from(
      { length: Math.max(0, Math.floor((last - first) / Number(step)) + 1) },
      (_, n) => first + n * Number(step),
    );
  });
  // 0 and 7 are both Sunday.
  return new Set(to === 7 ? all.map((day) => day % 7) : all);
}
