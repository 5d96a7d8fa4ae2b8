import { z } from 'zod';
import { Refusal } from './refusal.ts';

// Go's own form of RFC 3339: up to nine digits of a second.
const TIME =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

const time = z
  .string()
  .regex(TIME, { error: "a time, such as '2026-01-31T09:30:00Z'" })
  .transform((text) => Date.parse(text));

const alert = z.object({
  status: z.enum(['firing', 'resolved'], { error: "'firing' or 'resolved'" }),
  labels: z.record(z.string(), z.string({ error: 'text' })),
  startsAt: time,
  endsAt: time,
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/, { error: '16 hexadecimal digits' }),
});

/**
 * What Alertmanager sends in version 4 of its webhook, as far as it matters here. Which alert fires stands with each of
 * them: the notification's own status is `firing` when any does. Newer ones have fields that nobody here knows.
 */
const notification = z.object({
  version: z.literal('4', { error: "'4'" }),
  truncatedAlerts: z.int().min(0).default(0),
  alerts: z.array(alert).min(1, { error: 'at least one alert' }),
});

/** A notification; its times are in milliseconds since 1970. */
export type Notification = z.output<typeof notification>;

/** One alert of a notification. */
export type NotifiedAlert = Notification['alerts'][number];

/** A notification from its JSON. Throws a Refusal that names the first wrong field. */
export function parseNotification(text: string): Notification {
  const parsed = notification.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const { path = [], message = '' } = parsed.error.issues[0] ?? {};
  const field = path.length === 0 ? 'the body' : path.map(String).join('.');
  const right = message.replace(/^Invalid input: expected /, '');
  throw new Refusal('malformed-body', `${field} must be ${right}`.slice(0, 200));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refusal('malformed-body', 'the body is not JSON', { cause: error });
  }
}
