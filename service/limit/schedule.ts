import { parseRate, type Limit } from '../definition/index.ts';
import type { CurrentLimit } from './policy.ts';

/** What a count follows the time of day by. */
export type ScheduleOptions = {
  /** The count at all other times. */
  readonly otherwise: number;
  /**
   * The first row that holds the time counts. `from` is in, `to` is out; a row that ends before it begins ends on the
   * next day, and one that ends when it begins lasts the whole day.
   */
  readonly schedule: Limit['schedule'];
  readonly timeZone: string;
  /** Wall clock in milliseconds; default Date.now. */
  readonly now?: () => number;
};

const MINUTE_MS = 60_000;

/**
 * A count that follows the local time of day. It is looked up once a minute: rows begin and end on whole minutes and
 * zones differ from UTC by whole minutes, so nothing can change in between, whatever daylight saving does.
 */
export function scheduledLimit({ otherwise, schedule, timeZone, now = Date.now }: ScheduleOptions): CurrentLimit {
  const rows = schedule.map(({ from, to, window }) => ({
    from: minuteOfDay(from),
    to: minuteOfDay(to),
    count: parseRate(window).limit,
  }));
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const countAt = (time: number): number => {
    const minute = minuteOfDay(clock.format(time));
    const row = rows.find(({ from, to }) =>
      from < to ? minute >= from && minute < to : minute >= from || minute < to,
    );
    return row?.count ?? otherwise;
  };
  let minute = Number.NaN;
  let count = otherwise;
  return {
    get value() {
      const time = now();
      const current = Math.floor(time / MINUTE_MS);
      if (current !== minute) {
        minute = current;
        count = countAt(time);
      }
      return count;
    },
  };
}

function minuteOfDay(clock: string): number {
  const [hours = '', minutes = ''] = clock.split(':');
  return Number(hours) * 60 + Number(minutes);
}
