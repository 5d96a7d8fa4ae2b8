import { z } from 'zod';
import { duration, interval, label, text, word, zoneFile } from './fields.ts';

/** Who mends what an alert tells of: whoever writes the service, or whoever runs its stores and the cluster. */
export const TEAMS = ['service', 'platform'] as const;

/** One of the teams. */
export type Team = (typeof TEAMS)[number];

/** The severities that people are told of. */
export const TOLD = ['page', 'ticket'] as const;

/** Days of the week as Alertmanager counts them. */
export const WEEKDAYS: readonly string[] = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
];

const time = text<string>(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, "a time of day, such as '09:00', up to '24:00'");

const period = z.strictObject({
  /** Days, or a first and a last one; absent: every day. */
  days: z
    .array(
      text<string>(
        new RegExp(`^(${WEEKDAYS.join('|')})(:(${WEEKDAYS.join('|')}))?$`),
        "a day or a first and a last one, such as 'monday' or 'monday:friday'",
      ),
    )
    .min(1, { error: "at least one day, such as 'monday:friday'; absent: every day" })
    .optional(),
  /** From and up to; absent: the whole day. */
  times: z
    .array(z.strictObject({ from: time, to: time }))
    .min(1, { error: "at least one span, such as { from: '09:00', to: '17:00' }; absent: the whole day" })
    .optional(),
  /** By whose clocks: a name of the IANA time zone database. The operator's objects know UTC alone. */
  location: zoneFile.default('UTC'),
});

const timing = z.strictObject({
  /** How long the first notification waits for others of its group. */
  groupWait: duration,
  /** How long until a group that changed is told again. */
  groupInterval: interval,
  /** How long until a group that did not change is told again. */
  repeatInterval: interval,
});

/** When a severity is told, to whom, and within which hours. */
const severity = timing.extend({
  /** Who is told; absent: `notifications.receiver`. */
  receiver: label.optional(),
  /** Who is told instead of what concerns a team. */
  teams: z.partialRecord(word(...TEAMS), label).prefault({}),
  /** A window outside of which nobody is told; what still holds when it opens is told then. Absent: always. */
  activeDuring: label.optional(),
  /** A window within which nobody is told; absent: none. */
  mutedDuring: label.optional(),
});

/** Who is told of what, and when. */
export const notificationsSchema = z.strictObject({
  /** Who is told where no severity says otherwise; absent: the only receiver. */
  receiver: label.optional(),
  page: severity,
  /** Also of what has a severity that nobody declared, at any hour. */
  ticket: severity,
  /** Whoever waits for the Watchdog, an alert that always fires, and speaks up when it stays away; absent: nobody. */
  watchdog: z.strictObject({ receiver: label, repeatInterval: interval.default('1m') }).optional(),
  /** Hours by name, each of one or more periods. */
  windows: z
    .record(label, z.array(period).min(1, { error: "at least one period, such as { days: ['monday:friday'] }" }))
    .prefault({}),
});

/** Hours in which people are told, or are not. */
export type NotificationPeriod = z.output<typeof period>;

/** When notifications of one kind go out. */
export type NotificationTiming = z.output<typeof timing>;
